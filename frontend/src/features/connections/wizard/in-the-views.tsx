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
  /** false: no stream of it fills a view by itself. */
  fitsView: boolean;
}

export function InTheViews({ sync, views, published, fitsView }: InTheViewsProps) {
  const { data: connection } = useQuery(connectionQuery(sync.connection_id));
  const waiting = connection?.value.open_approvals ?? 0;
  return (
    <>
      <Group gap="sm" mih={{ base: 44, sm: 36 }}>
        {published && views !== undefined ? (
          viewsWith(views, sync.connection_id).map((view) => <ToView key={view.name} view={view} sync={sync} />)
        ) : (
          <Text size="sm" c="dimmed">
            {waitsFor(sync, fitsView)}
          </Text>
        )}
      </Group>
      {waiting > 0 && (
        <Alert color="insight" variant="light" title={`${formatCount(waiting)} to decide`}>
          <Text size="sm">
            Not every match is sure enough to apply alone.{" "}
            <PageLink to="/approvals" search={{ connection: sync.connection_id }} inherit c="inherit" fw={600}>
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

function ToView({ view: { name, sources }, sync }: { view: View; sync: SyncDetail }) {
  const records = sources.find((source) => source.connection_id === sync.connection_id)?.records;
  return (
    <Button component={Link} to={`/views/${name}`} leftSection={<IconTable size={16} />}>
      Open {name}
      {records !== undefined && `: ${formatCount(records)} ${records === 1 ? "record" : "records"}`}
    </Button>
  );
}

/** Said while there is no view to open: what is done now, or why none comes. */
function waitsFor({ status, counts }: SyncDetail, fitsView: boolean): string {
  if (status !== "succeeded")
    return "You may leave this page: the sync goes on, and the connection shows how far it is.";
  if (!fitsView) return "Its records are kept, and fill no view yet: say below what one of them is.";
  return counts.loaded > 0
    ? "The views are put together from what was read. This takes seconds."
    : "No record was loaded, so no view changes. What was rejected or left as it came is told below.";
}
