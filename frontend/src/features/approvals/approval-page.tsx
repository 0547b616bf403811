/** One repair: what changed, what speaks for it, what it would do to real records, and the decision. */
import { Alert, Stack } from "@mantine/core";
import { IconUsersGroup } from "@tabler/icons-react";
import { useQuery, type QueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";

import { openApprovalsQuery } from "@/api/queries/open-approvals-query";
import { repairSettingsQuery } from "@/api/queries/repair-settings-query";
import { ApprovalDetail } from "@/features/approvals/approval-detail";
import { approvalQuery } from "@/features/approvals/approval-query";
import { DETAIL_FIELDS } from "@/features/approvals/detail-fields";
import { QueuePlace } from "@/features/approvals/queue-place";
import { ReplayCard } from "@/features/approvals/replay-card";
import { Failure } from "@/ui/failure";
import { Page } from "@/ui/page";
import { CardSkeleton } from "@/ui/skeletons";
import { useUrlState } from "@/ui/use-url-state";

export function loader(client: QueryClient, params: Record<string, string>): void {
  void client.prefetchQuery(openApprovalsQuery());
  void client.prefetchQuery(repairSettingsQuery());
  void client.prefetchQuery(approvalQuery(params["approvalId"] ?? ""));
}

export default function ApprovalPage() {
  const { approvalId = "" }: { approvalId?: string } = useParams({ strict: false });
  const [{ replay, meanwhile }, set] = useUrlState(DETAIL_FIELDS);
  const { data, error, refetch } = useQuery(approvalQuery(approvalId));
  // What is offered first depends on the policy: without it buttons would come late and move the page.
  const isPolicyPending = useQuery(repairSettingsQuery()).isPending;
  const above = (
    <>
      <QueuePlace id={approvalId} />
      {replay !== "" && <ReplayCard syncId={replay} onClose={() => set({ replay: "" })} />}
      {meanwhile !== "" && (
        <Alert
          color="yellow"
          variant="light"
          icon={<IconUsersGroup size={18} />}
          title="It changed while you decided, so nothing was done"
          withCloseButton
          closeButtonLabel="Close"
          onClose={() => set({ meanwhile: "" })}
          role="alert"
        >
          {meanwhile} What stands below is newest.
        </Alert>
      )}
    </>
  );

  // Another repair is another page: no dialog or draft of the one before stays.
  if (data !== undefined && !isPolicyPending)
    return <ApprovalDetail key={approvalId} repair={data.value} tag={data.tag} above={above} />;
  return (
    <Page title="Repair" subtitle=" ">
      {above}
      {error !== null ? <Failure error={error} onRetry={() => void refetch()} /> : <DetailSkeleton />}
    </Page>
  );
}

function DetailSkeleton() {
  return (
    <Stack gap="md" aria-label="Loading">
      <CardSkeleton lines={3} />
      <CardSkeleton lines={8} />
      <CardSkeleton lines={5} />
    </Stack>
  );
}
