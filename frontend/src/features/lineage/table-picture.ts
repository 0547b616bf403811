/** The tables of a lineage as cards: source streams, raw records, canonical records, clusters, the view. */
import type { Card, Flow } from "@/features/lineage/arrange";
import type { TableLineage, TableNode } from "@/features/lineage/table-lineage-query";
import { formatCount } from "@/ui/numbers";

export const STAGES: Record<TableNode["stage"], { step: number; word: string; tone: Card["tone"]; unit: string }> = {
  raw: { step: 1, word: "Raw records", tone: "source", unit: "records" },
  canonical: { step: 2, word: "Canonical records", tone: "entity", unit: "records" },
  clusters: { step: 3, word: "Clusters", tone: "entity", unit: "clusters" },
  view: { step: 4, word: "View", tone: "insight", unit: "rows" },
};

/** `names` are connections by id, for those whom the member may see. */
export function tablePicture({ nodes, edges }: TableLineage, names: ReadonlyMap<string, string>) {
  const raw = nodes.filter(({ stage }) => stage === "raw");
  const sources = raw.map((node) => sourceCard(node, names));
  const cards = [...sources, ...nodes.map((node) => tableCard(node, names))];
  const flows: Flow[] = [
    ...raw.map(({ id }) => ({ from: `source:${id}`, to: id, label: null })),
    ...edges.map(({ source, target, rows }) => ({
      from: source,
      to: target,
      label: rows === null ? null : formatCount(rows),
    })),
  ];
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

function sourceCard(node: TableNode, names: ReadonlyMap<string, string>): Card {
  const [connection, stream] = streamOf(node, names);
  return {
    id: `source:${node.id}`,
    step: 0,
    tone: "source",
    kind: "Source stream",
    title: stream,
    detail: connection,
    to: node.connection_id === null ? null : `/connections/${node.connection_id}`,
  };
}

function tableCard(node: TableNode, names: ReadonlyMap<string, string>): Card {
  const { step, word, tone, unit } = STAGES[node.stage];
  const rows = node.rows === null ? "not counted yet" : `${formatCount(node.rows)} ${unit}`;
  return {
    id: node.id,
    step,
    tone,
    kind: word,
    title: node.stage === "raw" ? streamOf(node, names)[1] : node.name,
    detail: node.mapping_version === null ? rows : `${rows} · mapping ${node.mapping_version}`,
    to: node.stage === "view" ? `/views/${encodeURIComponent(node.name)}` : null,
  };
}
