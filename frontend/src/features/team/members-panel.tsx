/** Who is in the organisation, as what. */
import { Avatar, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { useMay, useMe } from "@/api/queries/me-query";
import { MemberMenu } from "@/features/team/member-menu";
import { membersQuery, type Member } from "@/api/queries/members-query";
import { RoleSelect } from "@/features/team/role-select";
import { ROLES } from "@/features/team/roles";
import { useChangeRole } from "@/features/team/use-change-role";
import { DataTable, type Column } from "@/ui/data-table";
import { initials } from "@/ui/initials";
import { StatusBadge } from "@/ui/status-badge";
import { When } from "@/ui/when";

export function MembersPanel() {
  const { data, error, refetch } = useQuery(membersQuery());
  return (
    <DataTable
      label="Members"
      columns={useColumns()}
      rows={data}
      rowKey={(member) => member.user_id}
      error={error}
      onRetry={() => void refetch()}
      rowHeight={60}
      minWidth={680}
      phoneWidth={320}
      likely={4}
    />
  );
}

function useColumns(): Column<Member>[] {
  const me = useMe();
  const mayWrite = useMay()("members.write");
  const columns: Column<Member>[] = [
    { key: "who", header: "Member", cell: (member) => <Who member={member} isMe={member.user_id === me.user?.id} /> },
    { key: "role", header: "Role", width: "150px", cell: (member) => <MemberRole member={member} /> },
    {
      key: "status",
      header: "Account",
      width: "130px",
      from: "sm",
      cell: (member) => (
        <StatusBadge size="sm" tone={member.status === "active" ? "good" : "off"}>
          {member.status}
        </StatusBadge>
      ),
    },
    {
      key: "since",
      header: "Member since",
      width: "140px",
      from: "sm",
      cell: (member) => <When at={member.created_at} size="sm" />,
    },
  ];
  if (mayWrite)
    columns.push({
      key: "more",
      header: "",
      width: "52px",
      align: "right",
      cell: (member) => <MemberMenu member={member} />,
    });
  return columns;
}

function Who({ member, isMe }: { member: Member; isMe: boolean }) {
  const name = member.display_name ?? member.email;
  return (
    <Group gap="sm" wrap="nowrap">
      <Avatar size={34} color="entity" variant="light" aria-hidden>
        {initials(name)}
      </Avatar>
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={600} truncate>
          {name}{" "}
          {isMe && (
            <Text span c="dimmed" size="xs">
              (you)
            </Text>
          )}
        </Text>
        {member.display_name !== null && (
          <Text size="xs" c="dimmed" truncate>
            {member.email}
          </Text>
        )}
      </div>
    </Group>
  );
}

function MemberRole({ member }: { member: Member }) {
  const { tenant } = useMe();
  const may = useMay();
  const change = useChangeRole();
  if (!may("members.write") || (member.role === "owner" && tenant.role !== "owner")) {
    return <Text size="sm">{ROLES.find(({ value }) => value === member.role)?.label}</Text>;
  }
  return (
    <RoleSelect
      mine={tenant.role}
      value={member.role}
      onChange={(role) => change.mutate({ userId: member.user_id, role })}
      disabled={change.isPending}
      size="xs"
      aria-label={`Role of ${member.email}`}
    />
  );
}
