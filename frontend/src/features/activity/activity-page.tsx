/** What happens and what was done: syncs, tasks, and the history that nobody can rewrite. */
import { Button, Menu, Tabs } from "@mantine/core";
import { IconChevronDown, IconPlayerPlay, IconRefresh, IconTable } from "@tabler/icons-react";

import { useMay } from "@/api/queries/me-query";
import type { Permission } from "@/api/types";
import { HistoryPanel } from "@/features/activity/history-panel";
import { SyncsPanel } from "@/features/activity/syncs-panel";
import { TasksPanel } from "@/features/activity/tasks-panel";
import { useRequestTask } from "@/features/activity/use-request-task";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { oneOf, text, useUrlState } from "@/ui/use-url-state";

const TABS = ["syncs", "tasks", "history"] as const;
type Tab = (typeof TABS)[number];
// Filters that more than one tab has by this name mean another thing in each, so they do not go along.
const OF_A_TAB = { since: "", until: "", kind: "" };
const FIELDS = { tab: oneOf(TABS, "syncs"), since: text(), until: text(), kind: text() };

const LABELS: Record<Tab, string> = { syncs: "Syncs", tasks: "Tasks", history: "History" };
const NEEDS: Record<Tab, Permission> = { syncs: "connections.read", tasks: "tasks.read", history: "audit.read" };

export default function ActivityPage() {
  const may = useMay();
  const [search, set] = useUrlState(FIELDS);
  const tabs = TABS.filter((tab) => may(NEEDS[tab]));
  const tab = tabs.includes(search.tab) ? search.tab : tabs[0];
  return (
    <Page title="Activity" subtitle="What runs, what was asked for, and who did what" actions={<Request />}>
      {tab === undefined ? (
        <Empty title="Your role shows no activity">An owner or admin can give you a role that does.</Empty>
      ) : (
        <Tabs
          value={tab}
          onChange={(next) => set({ tab: TABS.find((each) => each === next) ?? "syncs", ...OF_A_TAB })}
          keepMounted={false}
        >
          <Tabs.List mb="md">
            {tabs.map((each) => (
              <Tabs.Tab key={each} value={each}>
                {LABELS[each]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value={tab}>
            {tab === "syncs" && <SyncsPanel />}
            {tab === "tasks" && <TasksPanel />}
            {tab === "history" && <HistoryPanel />}
          </Tabs.Panel>
        </Tabs>
      )}
    </Page>
  );
}

function Request() {
  const mayWrite = useMay()("tasks.write");
  const request = useRequestTask();
  if (!mayWrite) return null;
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <Button
          leftSection={<IconPlayerPlay size={16} />}
          rightSection={<IconChevronDown size={14} />}
          loading={request.isPending}
        >
          Run
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => request.mutate("sync_all")}>
          Sync every connection that is not paused
        </Menu.Item>
        <Menu.Item leftSection={<IconTable size={16} />} onClick={() => request.mutate("refresh_views")}>
          Build and publish the views
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
