/** What one can do about a member: log out, remove. */
import { ActionIcon, Menu, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots, IconLogout, IconUserMinus } from "@tabler/icons-react";

import { useMe } from "@/api/queries/me-query";
import type { Member } from "@/api/queries/members-query";
import { useLogMemberOut } from "@/features/team/use-log-member-out";
import { useRemoveMember } from "@/features/team/use-remove-member";
import { Confirm } from "@/ui/confirm";

export function MemberMenu({ member }: { member: Member }) {
  const { tenant } = useMe();
  const [isAsking, asking] = useDisclosure(false);
  const remove = useRemoveMember();
  const logOut = useLogMemberOut();
  if (member.role === "owner" && tenant.role !== "owner") return null;
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More about ${member.email}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => logOut.mutate(member)}>
            Log out everywhere
          </Menu.Item>
          <Menu.Item color="red" leftSection={<IconUserMinus size={16} />} onClick={asking.open}>
            Remove
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={isAsking}
        onClose={asking.close}
        title={`Remove ${member.email}?`}
        action="Remove"
        danger
        onConfirm={() => remove.mutateAsync(member.user_id)}
      >
        <Text size="sm">
          The membership in {tenant.name} ends with its log-ins, and the API keys this member made stop working. What
          was decided and written stays.
        </Text>
      </Confirm>
    </>
  );
}
