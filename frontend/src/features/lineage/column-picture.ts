/** What fills a column, as cards: the source fields, the canonical field, the column of the view. */
import type { Card, Flow } from "@/features/lineage/arrange";
import type { ColumnLineage, ColumnSource } from "@/features/lineage/column-lineage-query";
import { givenBy, type Trail } from "@/features/lineage/row-trail";
import { formatCount } from "@/ui/numbers";
import { transformInWords } from "@/ui/transform-words";

const MOST_FIELDS = 14;

/** `trail`: of the row that is followed; its ways are drawn, the others stay quiet. */
export function columnPicture({ view, column, sources }: ColumnLineage, entity: string, trail: Trail | undefined) {
  const drawn = sources.slice(0, MOST_FIELDS);
  const fields = drawn.map((source, at): Card => ({ ...fieldCard(source, trail), id: `field:${at}` }));
  const rest = sources.length - drawn.length;
  const cards: Card[] = [
    ...fields,
    ...(rest === 0 ? [] : [restCard(rest)]),
    { id: "field", step: 1, tone: "entity", kind: "Canonical field", title: column, detail: entity, to: null },
    {
      id: "column",
      step: 2,
      tone: "insight",
      kind: "Column of the view",
      title: column,
      detail: view,
      to: `/views/${encodeURIComponent(view)}`,
    },
  ];
  const flows: Flow[] = [
    ...drawn.map((source, at) => ({
      from: `field:${at}`,
      to: "field",
      label: `${transformInWords(source.transform)} · ${source.probability.toFixed(2)}`,
      isQuiet: trail !== undefined && fields[at]?.part !== "shown",
    })),
    ...(rest === 0 ? [] : [{ from: "rest", to: "field", label: null }]),
    { from: "field", to: "column", label: null },
  ];
  return { cards, flows };
}

function fieldCard(source: ColumnSource, trail: Trail | undefined): Card {
  const given = trail && givenBy(trail, source);
  const part = trail === undefined ? undefined : (given?.part ?? "not part");
  return {
    id: "",
    step: 0,
    tone: "source",
    kind: `${source.connection} · ${source.stream}`,
    title: source.source_fields.length === 0 ? "a constant" : source.source_fields.join(" + "),
    detail: part === undefined ? counted(source) : PARTS[part],
    to: `/connections/${source.connection_id}`,
    part,
  };
}

const PARTS: Record<NonNullable<Card["part"]>, string> = {
  shown: "told the value of this row",
  "gave way": "gave way in this row",
  "not part": "no value for this row",
};

function counted({ records, until }: ColumnSource): string {
  if (until !== null) return "for earlier records only";
  return records === null ? "not counted yet" : `${formatCount(records)} records with a value`;
}

function restCard(count: number): Card {
  return {
    id: "rest",
    step: 0,
    tone: "source",
    kind: "Others",
    title: `${formatCount(count)} more source fields`,
    detail: "the table lists them",
    to: null,
  };
}
