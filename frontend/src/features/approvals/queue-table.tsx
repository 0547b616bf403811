/** What waits for a person: the oldest first. */
import { Box, Text } from "@mantine/core";
import { IconChecks } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { openApprovalsQuery } from "@/api/queries/open-approvals-query";
import { repairSettingsQuery } from "@/api/queries/repair-settings-query";
import type { Approval } from "@/api/types";
import { approvalQuery } from "@/features/approvals/approval-query";
import { isWithin, oldestFirst } from "@/features/approvals/queue";
import { QUEUE_FIELDS } from "@/features/approvals/queue-fields";
import { waitingColumns } from "@/features/approvals/repair-columns";
import { useRowKeys } from "@/features/approvals/use-row-keys";
import { DataTable } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { KeyHint } from "@/ui/key-hint";
import { PageLink } from "@/ui/page-link";
import { useUrlState } from "@/ui/use-url-state";

export function QueueTable() {
  const [{ kind, connection, since, until }] = useUrlState(QUEUE_FIELDS);
  const { data, error, refetch } = useQuery(openApprovalsQuery());
  const applyAt = useQuery(repairSettingsQuery()).data?.value.apply_at;
  const navigate = useNavigate();
  const queries = useQueryClient();
  const around = useRowKeys();
  const isShown = (repair: Approval) =>
    (kind === null || repair.kind === kind) &&
    (connection === "" || repair.connection_id === connection) &&
    isWithin(repair, since, until);
  const rows = data && oldestFirst(data.filter(isShown));

  function open({ id }: Approval) {
    void queries.prefetchQuery(approvalQuery(id));
    void navigate({ to: `/approvals/${id}` });
  }

  return (
    <Box ref={around}>
      <DataTable
        label="Repairs to decide"
        columns={waitingColumns(applyAt)}
        rows={rows}
        rowKey={(repair) => repair.id}
        error={error}
        onRetry={() => void refetch()}
        onOpen={open}
        rowHeight={60}
        minWidth={1060}
        phoneWidth={330}
        likely={5}
        empty={
          data !== undefined && data.length > 0 ? (
            <Empty title="Nothing that waits fits these filters" />
          ) : (
            <Empty title="Nothing waits for you" icon={<IconChecks size={24} stroke={1.6} />}>
              A repair comes here when a source changes its shape and policy is not sure enough to apply it alone. What
              was applied so far is among{" "}
              <PageLink to="/approvals" search={{ tab: "all" }}>
                all repairs
              </PageLink>
              .
            </Empty>
          )
        }
      />
      {rows !== undefined && rows.length > 0 && (
        <Text size="xs" c="dimmed" mt="xs" visibleFrom="sm" component="div">
          The oldest first. <KeyHint keys="j" /> <KeyHint keys="k" /> move, <KeyHint keys="enter" /> opens,{" "}
          <KeyHint keys="?" /> shows all keys.
        </Text>
      )}
    </Box>
  );
}
