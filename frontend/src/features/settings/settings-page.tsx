/** How the organisation decides on repairs and guards itself, and one's own account. */
import { Stack, Tabs } from "@mantine/core";
import type { ComponentType } from "react";

import { useMay } from "@/api/queries/me-query";
import type { Permission } from "@/api/types";
import { ContractsPanel } from "@/features/settings/contracts-panel";
import { FlagsPanel } from "@/features/settings/flags-panel";
import { LoginsPanel } from "@/features/settings/logins-panel";
import { PasswordForm } from "@/features/settings/password-form";
import { ProfilePanel } from "@/features/settings/profile-panel";
import { RepairPanel } from "@/features/settings/repair-panel";
import { SafeModePanel } from "@/features/settings/safe-mode-panel";
import { SecretsPanel } from "@/features/settings/secrets-panel";
import { Page } from "@/ui/page";
import { oneOf, useUrlState } from "@/ui/use-url-state";

const TABS = ["repairs", "contracts", "safe-mode", "secrets", "features", "profile", "security"] as const;
type Tab = (typeof TABS)[number];
const FIELDS = { tab: oneOf(TABS, "repairs") };

interface Part {
  label: string;
  /** Without it there is no such tab. */
  needs?: Permission;
  panel: ComponentType;
  /** Forms are read better when they are not as wide as the page. */
  maw?: number;
}

const PARTS: Record<Tab, Part> = {
  repairs: { label: "Repairs", needs: "settings.read", panel: RepairPanel, maw: 820 },
  contracts: { label: "Contracts", needs: "settings.read", panel: ContractsPanel },
  "safe-mode": { label: "Safe Mode", needs: "connections.read", panel: SafeModePanel },
  secrets: { label: "Secrets", needs: "connections.read", panel: SecretsPanel },
  features: { label: "Features", needs: "settings.read", panel: FlagsPanel },
  profile: { label: "Profile", panel: ProfilePanel, maw: 820 },
  security: { label: "Security", panel: Security, maw: 820 },
};

export default function SettingsPage() {
  const may = useMay();
  const [search, set] = useUrlState(FIELDS);
  const tabs = TABS.filter((tab) => {
    const { needs } = PARTS[tab];
    return needs === undefined || may(needs);
  });
  const tab = tabs.includes(search.tab) ? search.tab : "profile";
  const { panel: Panel, maw } = PARTS[tab];
  return (
    <Page title="Settings" subtitle="How this organisation decides on repairs, and your own account">
      <Tabs
        value={tab}
        onChange={(next) => set({ tab: TABS.find((each) => each === next) ?? "repairs" })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {PARTS[each].label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab} maw={maw}>
          <Panel />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Security() {
  return (
    <Stack gap="md">
      <PasswordForm />
      <LoginsPanel />
    </Stack>
  );
}
