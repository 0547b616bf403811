/** Where one is in the queue, and the way to its neighbours. */
import { ActionIcon, Group, Text, Tooltip } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";

import { DETAIL_FIELDS } from "@/features/approvals/detail-fields";
import { useNeighbours } from "@/features/approvals/queue";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { useHotkey } from "@/ui/use-hotkey";
import { useUrlState } from "@/ui/use-url-state";

export function QueuePlace({ id }: { id: string }) {
  const { previous, next, place, count } = useNeighbours(id);
  const [{ replay }] = useUrlState(DETAIL_FIELDS);
  const navigate = useNavigate();
  const kept = replay === "" ? {} : { replay };
  function go(to: string | null) {
    if (to !== null) void navigate({ to: `/approvals/${to}`, search: kept as never });
  }
  useHotkey("j", "Next repair that waits", () => go(next), { disabled: next === null });
  useHotkey("k", "Repair before it", () => go(previous), { disabled: previous === null });

  return (
    <Group justify="space-between" gap="sm" mih={34} mb={-8}>
      <PageLink to="/approvals" search={kept} size="sm" fw={600}>
        All that waits
      </PageLink>
      {count !== undefined && count > 0 && (
        <Group gap={6}>
          <Text size="sm" c="dimmed">
            {place === null
              ? `${formatCount(count)} waiting`
              : `${formatCount(place)} of ${formatCount(count)} waiting`}
          </Text>
          <Tooltip label="Repair before it (k)">
            <ActionIcon
              variant="default"
              onClick={() => go(previous)}
              disabled={previous === null}
              aria-label="Repair before it"
            >
              <IconChevronLeft size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Next repair (j)">
            <ActionIcon variant="default" onClick={() => go(next)} disabled={next === null} aria-label="Next repair">
              <IconChevronRight size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      )}
    </Group>
  );
}
