/** Where the rows of the first sync are, or what keeps them from it. */
import { Alert, Button, Group, Text } from "@mantine/core";
import { IconTable } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { connectionQuery } from "@/features/connections/connection-query";
import { SafeModeNote } from "@/features/connections/safe-mode-note";
import type { SyncDetail } from "@/features/connections/sync-query";
import { viewsWith, type View } from "@/features/connections/wizard/sync-stages";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";

interface InTheViewsProps {
  sync: SyncDetail;
  /** undefined: not known, or not this member's to see. */
  views: View[] | undefined;
  published: boolean;
}

export function InTheViews({ sync, views, published }: InTheViewsProps) {
  const { data: connection } = useQuery(connectionQuery(sync.connection_id));
  const waiting = connection?.value.open_approvals ?? 0;
  return (
    <>
      {published && views !== undefined && <Views views={viewsWith(views, sync.connection_id)} sync={sync} />}
      {waiting > 0 && (
        <Alert color="insight" variant="light" title={`${formatCount(waiting)} to decide`}>
          <Text size="sm">
            Not every match is sure enough to apply alone.{" "}
            <PageLink to="/approvals" search={{ connection: sync.connection_id }} inherit>
              Decide on them
            </PageLink>
            , and their fields are filled.
          </Text>
        </Alert>
      )}
      {connection !== undefined && <SafeModeNote connection={connection.value} />}
    </>
  );
}

function Views({ views, sync }: { views: View[]; sync: SyncDetail }) {
  return (
    <Group gap="sm">
      {views.map(({ name, sources }) => {
        const records = sources.find((source) => source.connection_id === sync.connection_id)?.records;
        return (
          <Button
            key={name}
            component={Link}
            to={`/views/${name}`}
            color="entity"
            leftSection={<IconTable size={16} />}
          >
            {name}
            {records !== undefined && `: ${formatCount(records)} ${records === 1 ? "record" : "records"}`}
          </Button>
        );
      })}
    </Group>
  );
}
