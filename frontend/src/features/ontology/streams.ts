/** The streams of the ontology, each with its connection, what it fills, and what of it is not read. */
import type { FieldLink, Ontology, OntologyNode } from "@/features/ontology/ontology-query";

export interface StreamMapping {
  /** Of the stream's node. */
  id: string;
  connectionId: string;
  connection: string;
  stream: string;
  /** null: it is kept raw. */
  entity: string | null;
  /** The view of the entity; null where there is none. */
  view: string | null;
  rows: number | null;
  fields: readonly FieldLink[];
  unmapped: readonly string[];
  /** Ids of the nodes on its way, from its connection to the view. */
  way: readonly string[];
}

export interface MappedField {
  id: string;
  of: StreamMapping;
  source: string;
  /** null: no rule reads the field. */
  link: FieldLink | null;
}

export function streamsOf({ nodes, links, unmapped }: Ontology): StreamMapping[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return nodes
    .filter(({ kind }) => kind === "stream")
    .map((node): StreamMapping => {
      const connection = byId.get(links.find(({ target }) => target === node.id)?.source ?? "");
      const into = links.find(({ source }) => source === node.id);
      const entity = byId.get(into?.target ?? "");
      const view = byId.get(links.find(({ source }) => source === entity?.id)?.target ?? "");
      const connectionId = idOf(connection);
      return {
        id: node.id,
        connectionId,
        connection: connection?.name ?? "",
        stream: node.name,
        entity: entity?.name ?? null,
        view: view?.name ?? null,
        rows: node.rows,
        fields: into?.fields ?? [],
        unmapped:
          unmapped.find((each) => each.connection_id === connectionId && each.stream === node.name)?.fields ?? [],
        way: [connection, node, entity, view].flatMap((each) => each?.id ?? []),
      };
    });
}

/** Those whose way leads over a node; all where none is named. */
export function streamsOver(streams: readonly StreamMapping[], node: string): readonly StreamMapping[] {
  return node === "" ? streams : streams.filter(({ way }) => way.includes(node));
}

/** Every field, those that are read first. */
export function fieldsOf(streams: readonly StreamMapping[]): MappedField[] {
  return streams.flatMap((of) => [
    ...of.fields.map((link, at) => ({
      id: `${of.id} ${link.source} ${link.target} ${at}`,
      of,
      source: link.source,
      link,
    })),
    ...of.unmapped.map((source) => ({ id: `${of.id} ${source}`, of, source, link: null })),
  ]);
}

/** Nodes write an id without its dashes. */
export function idOf(connection: OntologyNode | undefined): string {
  const hex = connection?.id.replace("connection:", "") ?? "";
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
