/** The unified views: what each holds, from which sources, and how fresh it is. */
import { Button, Group, Text } from "@mantine/core";
import { IconTable } from "@tabler/icons-react";
import { useQuery, type QueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";

import { viewsQuery, type View } from "@/api/queries/views-query";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { formatCount } from "@/ui/numbers";
import { Page } from "@/ui/page";
import { PageLink } from "@/ui/page-link";
import { StatusBadge } from "@/ui/status-badge";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

export const loader = (client: QueryClient): void => void client.prefetchQuery(viewsQuery());

const UNPUBLISHED = "Nothing is published yet";

const COLUMNS: Column<View>[] = [
  { key: "name", header: "View", cell: (view) => <Name view={view} /> },
  {
    key: "rows",
    header: "Rows",
    align: "right",
    width: "100px",
    cell: ({ rows }) => (rows === null ? <Unknown why={UNPUBLISHED} /> : formatCount(rows)),
  },
  {
    key: "joined",
    header: "Joined",
    align: "right",
    width: "100px",
    cell: ({ joined }) => (joined === null ? <Unknown why={UNPUBLISHED} /> : formatCount(joined)),
  },
  { key: "sources", header: "Sources", width: "34%", from: "sm", cell: (view) => <Sources view={view} /> },
  {
    key: "published",
    header: "Published",
    width: "140px",
    from: "sm",
    cell: ({ published_at }) =>
      published_at === null ? <Unknown why={UNPUBLISHED} /> : <When at={published_at} size="sm" />,
  },
  {
    key: "changed",
    header: "Newest change",
    width: "140px",
    from: "sm",
    cell: ({ newest_source_change }) =>
      newest_source_change === null ? (
        <Unknown why="No source says when" />
      ) : (
        <When at={newest_source_change} size="sm" />
      ),
  },
];

export default function ViewsPage() {
  const { data, error, refetch } = useQuery(viewsQuery());
  const navigate = useNavigate();
  const isUnpublished = data?.every(({ published_at }) => published_at === null) ?? false;
  return (
    <Page title="Views" subtitle="One table an entity, joined over all sources, with where every value comes from">
      {isUnpublished ? (
        <Empty
          title={UNPUBLISHED}
          icon={<IconTable size={24} stroke={1.6} />}
          action={
            <Button variant="default" renderRoot={(props) => <Link to="/connections" {...props} />}>
              Go to connections
            </Button>
          }
        >
          Views fill by themselves after the first sync of a connection.
        </Empty>
      ) : (
        <DataTable
          label="Views"
          columns={COLUMNS}
          rows={data}
          rowKey={(view) => view.name}
          error={error}
          onRetry={() => void refetch()}
          onOpen={(view) => void navigate({ to: addressOf(view.name) })}
          rowHeight={56}
          minWidth={860}
          phoneWidth={320}
          likely={7}
        />
      )}
    </Page>
  );
}

function Name({ view }: { view: View }) {
  const { name, custom, published_at } = view;
  return (
    <>
      <Group gap="xs" wrap="nowrap">
        <PageLink to={addressOf(name)} size="sm" fw={650} underline="hover" truncate>
          {name}
        </PageLink>
        {custom && (
          <StatusBadge size="sm" tone="unknown" hint="This organisation declared it">
            own
          </StatusBadge>
        )}
      </Group>
      {published_at !== null && (
        <Text size="xs" c="dimmed" truncate hiddenFrom="sm" component="div">
          <When at={published_at} size="xs" />
        </Text>
      )}
    </>
  );
}

function Sources({ view: { sources, published_at } }: { view: View }) {
  if (published_at === null) return <Unknown why={UNPUBLISHED} />;
  if (sources.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        none yet
      </Text>
    );
  }
  const names = sources.map(({ connection, records }) => `${connection ?? "deleted"} (${formatCount(records)})`);
  return (
    <Text size="sm" truncate title={`Records by source: ${names.join(", ")}`}>
      {sources.map(({ connection }) => connection ?? "deleted").join(", ")}
    </Text>
  );
}

function addressOf(view: string): string {
  return `/views/${encodeURIComponent(view)}`;
}
