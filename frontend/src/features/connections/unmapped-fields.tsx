/** Fields of a stream that fill nothing in the views, and where to change that. */
import { Code, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import { mappingQuery } from "@/features/connections/mapping-query";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";

interface UnmappedFieldsProps {
  connectionId: string;
  stream: string;
  /** Whether the way to map them is offered; false where one is there already. */
  withLink?: boolean;
}

const SHOWN = 12;

export function UnmappedFields({ connectionId, stream, withLink = false }: UnmappedFieldsProps) {
  const mayMap = useMay()("mappings.write");
  const { data } = useQuery(mappingQuery(connectionId, stream));
  if (data === undefined) return <Text size="sm" mih={22} />;
  const { unmapped, entity } = data.value;
  if (unmapped.length === 0)
    return (
      <Text size="sm" c="dimmed" mih={22}>
        Every field of the stream is mapped.
      </Text>
    );
  return (
    <Group gap={6} mih={22}>
      <Text size="sm">
        {unmapped.length === 1 ? "1 field fills" : `${formatCount(unmapped.length)} fields fill`} no view:
      </Text>
      {unmapped.slice(0, SHOWN).map((name) => (
        <Code key={name} fz={12}>
          {name}
        </Code>
      ))}
      {unmapped.length > SHOWN && <Text size="sm">and {formatCount(unmapped.length - SHOWN)} more.</Text>}
      {withLink && mayMap && entity !== null && (
        <PageLink to={`/connections/${connectionId}`} search={{ tab: "mappings", mapping: stream }} size="sm">
          Map them yourself
        </PageLink>
      )}
    </Group>
  );
}
