/** What something was done to: its name where that is known, and else the id it was written down with. */
import { Code, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { connectionsQuery } from "@/api/queries/connections-query";
import { useMay, useMe } from "@/api/queries/me-query";
import { membersQuery } from "@/api/queries/members-query";
import type { AuditEvent } from "@/features/activity/audit-query";
import { PageLink } from "@/ui/page-link";

export function AuditSubject({ event: { subject, data } }: { event: AuditEvent }) {
  const colon = subject.indexOf(":");
  const [thing, id] = [subject.slice(0, colon), subject.slice(colon + 1)];
  const { name: now, isThere } = useNameNow(thing, id);
  const name = now ?? (typeof data["name"] === "string" ? data["name"] : null);
  return (
    <Text size="sm" truncate title={subject} component="div">
      {thing.replaceAll("_", " ")}{" "}
      {thing === "connection" && isThere ? (
        <PageLink to={`/connections/${id}`} size="sm" fw={600} underline="hover" c="inherit">
          {name}
        </PageLink>
      ) : name !== null ? (
        <Text span fw={600} inherit>
          {name}
        </Text>
      ) : (
        <Code fz={12}>{id}</Code>
      )}
    </Text>
  );
}

function useNameNow(thing: string, id: string): { name: string | null; isThere: boolean } {
  const may = useMay();
  const { tenant } = useMe();
  const asksConnections = thing === "connection" && may("connections.read");
  const asksMembers = thing === "user" && may("members.read");
  const connection = useQuery({ ...connectionsQuery(), enabled: asksConnections }).data?.find((each) => each.id === id);
  const member = useQuery({ ...membersQuery(), enabled: asksMembers }).data?.find((each) => each.user_id === id);
  if (thing === "connection") return { name: connection?.name ?? null, isThere: connection !== undefined };
  if (thing === "user") return { name: member?.email ?? null, isThere: member !== undefined };
  // What has a name for an id: `secret:slack`, `view:contacts`, `flag:beta`.
  if (thing === "tenant") return { name: tenant.id === id ? tenant.name : null, isThere: true };
  return { name: /^[0-9a-f-]{36}$/.test(id) ? null : id, isThere: true };
}
