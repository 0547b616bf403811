/** The people of the organisation and the programs that act for them. */
import { Button, Tabs } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconUserPlus } from "@tabler/icons-react";
import type { QueryClient } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import { ApiKeyForm } from "@/features/team/api-key-form";
import { ApiKeysPanel } from "@/features/team/api-keys-panel";
import { InvitationsPanel } from "@/features/team/invitations-panel";
import { InviteForm } from "@/features/team/invite-form";
import { membersQuery } from "@/api/queries/members-query";
import { MembersPanel } from "@/features/team/members-panel";
import { Page } from "@/ui/page";
import { oneOf, useUrlState } from "@/ui/use-url-state";

const FIELDS = { tab: oneOf(["members", "invitations", "keys"], "members") };

/** Begun, not waited for: the table has a state of its own while it loads. */
export const loader = (client: QueryClient): void => void client.prefetchQuery(membersQuery());

export default function TeamPage() {
  const may = useMay();
  const [{ tab }, set] = useUrlState(FIELDS);
  const [isInviting, inviting] = useDisclosure(false);
  const [isMakingKey, makingKey] = useDisclosure(false);
  const action =
    tab === "keys" && may("keys.manage") ? (
      <Button leftSection={<IconKey size={16} />} onClick={makingKey.open}>
        New key
      </Button>
    ) : tab !== "keys" && may("members.write") ? (
      <Button leftSection={<IconUserPlus size={16} />} onClick={inviting.open}>
        Invite
      </Button>
    ) : undefined;

  return (
    <Page title="Team" subtitle="Who works here, who is invited, and which programs act for whom" actions={action}>
      <Tabs value={tab} onChange={(next) => set({ tab: (next ?? "members") as typeof tab })} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="members">Members</Tabs.Tab>
          <Tabs.Tab value="invitations">Invitations</Tabs.Tab>
          {may("keys.manage") && <Tabs.Tab value="keys">API keys</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="members">
          <MembersPanel />
        </Tabs.Panel>
        <Tabs.Panel value="invitations">
          <InvitationsPanel />
        </Tabs.Panel>
        {may("keys.manage") && (
          <Tabs.Panel value="keys">
            <ApiKeysPanel />
          </Tabs.Panel>
        )}
      </Tabs>
      <InviteForm opened={isInviting} onClose={inviting.close} />
      <ApiKeyForm opened={isMakingKey} onClose={makingKey.close} />
    </Page>
  );
}
