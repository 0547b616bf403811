/** The tables of a lineage as cards: the streams as they landed, canonical records, clusters, the view. */
import type { Card, Flow } from "@/features/lineage/arrange";
import type { TableLineage, TableNode } from "@/features/lineage/table-lineage-query";
import { formatCount } from "@/ui/numbers";

export const STAGES: Record<TableNode["stage"], { step: number; word: string; tone: Card["tone"]; unit: string }> = {
  raw: { step: 0, word: "Raw records", tone: "source", unit: "raw records" },
  canonical: { step: 1, word: "Canonical records", tone: "entity", unit: "records" },
  clusters: { step: 2, word: "Clusters", tone: "entity", unit: "clusters" },
  view: { step: 3, word: "View", tone: "insight", unit: "rows" },
};

const MOST_STREAMS = 12;
const REST = "rest";

/** `names` are connections by id, for those whom the member may see. */
export function tablePicture({ nodes, edges }: TableLineage, names: ReadonlyMap<string, string>) {
  const raw = nodes.filter(({ stage }) => stage === "raw");
  // Those with the most rows are drawn; the table lists all.
  const drawn = raw.length <= MOST_STREAMS ? raw : [...raw].sort(byRows).slice(0, MOST_STREAMS - 1);
  const hidden = new Set(raw.filter((node) => !drawn.includes(node)).map(({ id }) => id));
  const later = nodes.filter(({ stage }) => stage !== "raw");
  const cards = [...drawn.map((node) => streamCard(node, names)), ...later.map(tableCard)];
  const flows: Flow[] = edges
    .filter(({ source }) => !hidden.has(source))
    .map(({ source, target, rows }) => ({ from: source, to: target, label: rows === null ? null : formatCount(rows) }));
  const into = edges.find(({ source }) => hidden.has(source))?.target;
  if (into !== undefined) {
    cards.splice(drawn.length, 0, restCard(hidden.size));
    flows.push({ from: REST, to: into, label: null });
  }
  return { cards, flows };
}

export function streamOf({ name, connection_id }: TableNode, names: ReadonlyMap<string, string>): [string, string] {
  const connection = names.get(connection_id ?? "");
  // The API says CONNECTION/STREAM, and either may hold a stroke.
  if (connection !== undefined && name.startsWith(`${connection}/`)) {
    return [connection, name.slice(connection.length + 1)];
  }
  const at = name.indexOf("/");
  return at < 0 ? ["", name] : [name.slice(0, at), name.slice(at + 1)];
}

function streamCard(node: TableNode, names: ReadonlyMap<string, string>): Card {
  const [connection, stream] = streamOf(node, names);
  const to = node.connection_id === null ? null : `/connections/${node.connection_id}`;
  return { ...tableCard(node), kind: connection === "" ? "Source" : connection, title: stream, to };
}

function tableCard({ id, stage, name, rows, mapping_version }: TableNode): Card {
  const { step, word, tone, unit } = STAGES[stage];
  const counted = rows === null ? "not counted yet" : `${formatCount(rows)} ${unit}`;
  return {
    id,
    step,
    tone,
    kind: word,
    title: name,
    detail: mapping_version === null ? counted : `${counted} · mapping ${mapping_version}`,
    to: stage === "view" ? `/views/${encodeURIComponent(name)}` : null,
  };
}

function restCard(count: number): Card {
  return {
    id: REST,
    step: 0,
    tone: "source",
    kind: "Others",
    title: `${formatCount(count)} more streams`,
    detail: "the table lists them",
    to: null,
  };
}

function byRows(left: TableNode, right: TableNode): number {
  return (right.rows ?? -1) - (left.rows ?? -1);
}
