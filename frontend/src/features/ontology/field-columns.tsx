/** The columns of the table of field mappings. */
import { Code, Text } from "@mantine/core";

import type { MappedField } from "@/features/ontology/streams";
import type { Column } from "@/ui/data-table";
import { PageLink } from "@/ui/page-link";
import { Probability } from "@/ui/probability";
import { StatusBadge } from "@/ui/status-badge";
import { transformInWords } from "@/ui/transform-words";

export const FIELD_COLUMNS: Column<MappedField>[] = [
  {
    key: "stream",
    header: "Stream",
    width: "22%",
    cell: ({ of }) => (
      <Text size="sm" truncate>
        <PageLink to={`/connections/${of.connectionId}`} fw={600} underline="hover">
          {of.connection}
        </PageLink>{" "}
        · {of.stream}
      </Text>
    ),
  },
  { key: "source", header: "Source field", width: "19%", cell: ({ source }) => <Code title={source}>{source}</Code> },
  { key: "target", header: "Fills", width: "23%", cell: (field) => <Target field={field} /> },
  { key: "read", header: "Read", cell: ({ link }) => (link === null ? "" : transformInWords(link.transform)) },
  {
    key: "sure",
    header: "Probability",
    width: "135px",
    cell: ({ link }) => (link === null ? "" : <Probability value={link.probability} />),
  },
  {
    key: "state",
    header: "Decided by",
    width: "130px",
    cell: ({ link }) =>
      link === null ? (
        ""
      ) : link.held ? (
        <StatusBadge size="sm" tone="waiting" hint="A hold keeps what it reads back until somebody decides">
          held
        </StatusBadge>
      ) : (
        link.decided_by
      ),
  },
];

function Target({ field: { of, link } }: { field: MappedField }) {
  if (link === null) {
    return (
      <StatusBadge size="sm" tone="unknown" hint={of.entity === null ? "The stream is kept raw" : "No rule reads it"}>
        not mapped
      </StatusBadge>
    );
  }
  const words = `${of.entity ?? ""}.${link.target}`;
  // What is underscored steers the record; it is no column of a view.
  if (of.view === null || link.target.startsWith("_"))
    return (
      <Text size="sm" truncate title={words}>
        {words}
      </Text>
    );
  return (
    <PageLink to="/lineage" search={{ view: of.view, column: link.target }} size="sm" underline="hover">
      {words}
    </PageLink>
  );
}
