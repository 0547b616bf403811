/** What fills a column, as cards: the source fields, the canonical field, the column of the view. */
import type { Card, Flow } from "@/features/lineage/arrange";
import type { ColumnLineage } from "@/features/lineage/column-lineage-query";
import { formatCount } from "@/ui/numbers";
import { transformInWords } from "@/ui/transform-words";

export function columnPicture({ view, column, sources }: ColumnLineage, entity: string) {
  const fields = sources.map((source, at): Card => {
    const records = source.records === null ? "not counted yet" : `${formatCount(source.records)} records with a value`;
    return {
      id: `field:${at}`,
      step: 0,
      tone: "source",
      kind: `${source.connection} · ${source.stream}`,
      title: source.source_fields.length === 0 ? "a constant" : source.source_fields.join(" + "),
      detail: source.until === null ? records : "for earlier records only",
      to: `/connections/${source.connection_id}`,
    };
  });
  const cards: Card[] = [
    ...fields,
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
    ...sources.map((source, at) => ({
      from: `field:${at}`,
      to: "field",
      label: `${transformInWords(source.transform)} · ${source.probability.toFixed(2)}`,
    })),
    { from: "field", to: "column", label: null },
  ];
  return { cards, flows };
}
