/** Invitations that wait to be taken. */
import { Text } from "@mantine/core";
import { IconMailOpened } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import { invitationsQuery, type Invitation } from "@/features/team/invitations-query";
import { useRevokeInvitation } from "@/features/team/use-revoke-invitation";
import { useHasPassed } from "@/ui/clock";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { RowDelete } from "@/ui/row-delete";
import { StatusBadge } from "@/ui/status-badge";
import { When } from "@/ui/when";

export function InvitationsPanel() {
  const { data, error, refetch } = useQuery(invitationsQuery());
  const mayWrite = useMay()("members.write");
  const revoke = useRevokeInvitation();
  const columns: Column<Invitation>[] = [
    {
      key: "email",
      header: "Address",
      cell: (invitation) => (
        <Text size="sm" fw={600} truncate>
          {invitation.email}
        </Text>
      ),
    },
    { key: "role", header: "As", width: "84px", cell: (invitation) => invitation.role },
    {
      key: "by",
      header: "Invited by",
      from: "sm",
      cell: (invitation) => (
        <Text size="sm" truncate>
          {invitation.invited_by}
        </Text>
      ),
    },
    { key: "ends", header: "Ends", width: "104px", cell: (invitation) => <Ends at={invitation.expires_at} /> },
  ];
  if (mayWrite) {
    columns.push({
      key: "revoke",
      header: "",
      width: "52px",
      align: "right",
      cell: (invitation) => (
        <RowDelete
          label={`Take back the invitation of ${invitation.email}`}
          title="Take this invitation back?"
          action="Take back"
          onConfirm={() => revoke.mutateAsync(invitation.id)}
        >
          The link that {invitation.email} got stops working.
        </RowDelete>
      ),
    });
  }
  return (
    <DataTable
      label="Invitations"
      columns={columns}
      rows={data}
      rowKey={(invitation) => invitation.id}
      error={error}
      onRetry={() => void refetch()}
      phoneWidth={320}
      likely={2}
      empty={
        <Empty title="No invitation is open" icon={<IconMailOpened size={24} stroke={1.6} />}>
          {mayWrite ? "Invite somebody, and hand the link on yourself: no mail is sent." : "Admins invite people."}
        </Empty>
      }
    />
  );
}

function Ends({ at }: { at: string }) {
  return useHasPassed(at) ? (
    <StatusBadge size="sm" tone="off">
      expired
    </StatusBadge>
  ) : (
    <When at={at} size="sm" />
  );
}
