/** How the organisation decides on repairs, and one's own account. */
import { Stack, Tabs } from "@mantine/core";

import { useMay } from "@/api/queries/me-query";
import { ContractsPanel } from "@/features/settings/contracts-panel";
import { LoginsPanel } from "@/features/settings/logins-panel";
import { PasswordForm } from "@/features/settings/password-form";
import { ProfilePanel } from "@/features/settings/profile-panel";
import { RepairPanel } from "@/features/settings/repair-panel";
import { Page } from "@/ui/page";
import { oneOf, useUrlState } from "@/ui/use-url-state";

const FIELDS = { tab: oneOf(["repairs", "contracts", "profile", "security"], "repairs") };

export default function SettingsPage() {
  const mayRead = useMay()("settings.read");
  const [search, set] = useUrlState(FIELDS);
  const isOthers = search.tab === "repairs" || search.tab === "contracts";
  const tab = isOthers && !mayRead ? "profile" : search.tab;
  return (
    <Page title="Settings" subtitle="How this organisation decides on repairs, and your own account">
      <Tabs value={tab} onChange={(next) => set({ tab: (next ?? "repairs") as typeof tab })} keepMounted={false}>
        <Tabs.List mb="md">
          {mayRead && <Tabs.Tab value="repairs">Repairs</Tabs.Tab>}
          {mayRead && <Tabs.Tab value="contracts">Contracts</Tabs.Tab>}
          <Tabs.Tab value="profile">Profile</Tabs.Tab>
          <Tabs.Tab value="security">Security</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="repairs" maw={820}>
          <RepairPanel />
        </Tabs.Panel>
        <Tabs.Panel value="contracts">
          <ContractsPanel />
        </Tabs.Panel>
        <Tabs.Panel value="profile" maw={820}>
          <ProfilePanel />
        </Tabs.Panel>
        <Tabs.Panel value="security" maw={820}>
          <Stack gap="md">
            <PasswordForm />
            <LoginsPanel />
          </Stack>
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
