/** Rows as they were published at some time. */
import { Button, Menu, ScrollArea, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCheck, IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { snapshotsQuery } from "@/features/views/snapshots-query";
import { describeProblem } from "@/api/problem";
import { formatCount } from "@/ui/numbers";

interface AsOfMenuProps {
  view: string;
  /** 0: the newest. */
  asOf: number;
  onChange: (asOf: number) => void;
}

const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export function AsOfMenu({ view, asOf, onChange }: AsOfMenuProps) {
  const [opened, { toggle }] = useDisclosure(false);
  const { data, error } = useQuery({ ...snapshotsQuery(), enabled: opened || asOf !== 0 });
  const chosen = data?.find(({ snapshot_id }) => snapshot_id === asOf);
  const held = (data ?? []).filter(({ views }) => views[view] !== undefined);
  const words = asOf === 0 ? "Newest" : chosen === undefined ? "An earlier time" : moment.format(at(chosen));
  return (
    <Menu opened={opened} onChange={toggle} position="bottom-end" width={300}>
      <Menu.Target>
        <Button
          variant={asOf === 0 ? "default" : "light"}
          leftSection={<IconHistory size={16} />}
          aria-label={`As of: ${words}`}
        >
          {words}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Publications that are kept</Menu.Label>
        <Menu.Item onClick={() => onChange(0)} rightSection={asOf === 0 && <IconCheck size={16} aria-label="shown" />}>
          Newest
        </Menu.Item>
        <ScrollArea.Autosize mah={320} type="auto">
          {held.map((snapshot) => (
            <Menu.Item
              key={snapshot.snapshot_id}
              onClick={() => onChange(snapshot.snapshot_id)}
              rightSection={snapshot.snapshot_id === asOf && <IconCheck size={16} aria-label="shown" />}
            >
              {moment.format(at(snapshot))}
              <Text size="xs" c="dimmed">
                {formatCount(snapshot.views[view] ?? 0)} rows{snapshot.current && ", the newest now"}
              </Text>
            </Menu.Item>
          ))}
        </ScrollArea.Autosize>
        {data === undefined && <Menu.Label>{error === null ? "Loading" : describeProblem(error).title}</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}

function at({ published_at }: { published_at: string }): Date {
  return new Date(published_at);
}
