/** Every field of every stream with what it fills, to search; it says in words what the diagram draws. */
import { Button, Group, SegmentedControl, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMemo } from "react";

import { ONTOLOGY_FIELDS } from "@/features/ontology/fields";
import { fieldsOf, type MappedField, type StreamMapping } from "@/features/ontology/streams";
import { FIELD_COLUMNS } from "@/features/ontology/field-columns";
import { DataTable } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { formatCount } from "@/ui/numbers";
import { SectionCard } from "@/ui/section-card";
import { useUrlState } from "@/ui/use-url-state";

const SHOWS = [
  { value: "all", label: "All" },
  { value: "mapped", label: "Mapped" },
  { value: "unmapped", label: "Not mapped" },
  { value: "held", label: "Held" },
];

interface FieldTableProps {
  /** undefined while they are loaded. */
  streams: readonly StreamMapping[] | undefined;
}

export function FieldTable({ streams }: FieldTableProps) {
  const [{ q, show, node: wanted }, set] = useUrlState(ONTOLOGY_FIELDS);
  // A link may name what is there no more.
  const node = streams?.some(({ way }) => way.includes(wanted)) === true ? wanted : "";
  const all = useMemo(() => streams && fieldsOf(streams), [streams]);
  const found = useMemo(
    () => all?.filter((field) => fits(field, { q: q.trim().toLowerCase(), show, node })),
    [all, q, show, node],
  );
  return (
    <SectionCard
      title="Field mappings"
      hint={
        found === undefined || all === undefined
          ? "Loading"
          : `${formatCount(found.length)} of ${formatCount(all.length)} fields${node === "" ? "" : ", of what is chosen in the picture"}`
      }
      actions={
        <Group gap="xs">
          <TextInput
            type="search"
            aria-label="Search fields, streams and entities"
            placeholder="Search fields, streams, entities"
            leftSection={<IconSearch size={16} />}
            value={q}
            onChange={({ currentTarget }) => set({ q: currentTarget.value })}
            w={{ base: "100%", xs: 280 }}
          />
          <SegmentedControl
            aria-label="Which fields"
            size="sm"
            data={SHOWS}
            value={show}
            onChange={(next) => set({ show: ONTOLOGY_FIELDS.show.read(next) ?? "all" })}
          />
        </Group>
      }
    >
      <DataTable
        label="Field mappings"
        columns={FIELD_COLUMNS}
        rows={found}
        rowKey={({ id }) => id}
        rowHeight={44}
        minWidth={980}
        maxHeight={560}
        likely={10}
        empty={
          <Empty
            title="No field fits"
            action={
              <Button variant="default" onClick={() => set({ q: "", show: "all", node: "" })}>
                Show all fields
              </Button>
            }
          />
        }
      />
    </SectionCard>
  );
}

interface Wanted {
  q: string;
  show: "all" | "mapped" | "unmapped" | "held";
  node: string;
}

function fits({ of, source, link }: MappedField, { q, show, node }: Wanted): boolean {
  if (node !== "" && !of.way.includes(node)) return false;
  if (show === "mapped" && link === null) return false;
  if (show === "unmapped" && link !== null) return false;
  if (show === "held" && link?.held !== true) return false;
  const words = [of.connection, of.stream, of.entity ?? "", source, link?.target ?? ""];
  return q === "" || words.some((word) => word.toLowerCase().includes(q));
}
