/** The views that hold records of a connection, as they are published. */
import { Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { viewsQuery } from "@/api/queries/views-query";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { Unknown } from "@/ui/unknown";

export function FedViews({ connectionId }: { connectionId: string }) {
  const { data, error } = useQuery(viewsQuery());
  if (error !== null && data === undefined) return <Unknown why="The views could not be asked for" />;
  if (data === undefined) return <>&nbsp;</>;
  const fed = data.flatMap(({ name, sources }) => {
    const records = sources.find((source) => source.connection_id === connectionId)?.records;
    return records === undefined ? [] : [{ name, records }];
  });
  if (fed.length === 0)
    return (
      <Text span size="sm" c="dimmed">
        none yet
      </Text>
    );
  return (
    <Group gap={10}>
      {fed.map(({ name, records }) => (
        <PageLink key={name} to={`/views/${name}`} inherit>
          {name} ({formatCount(records)})
        </PageLink>
      ))}
    </Group>
  );
}
