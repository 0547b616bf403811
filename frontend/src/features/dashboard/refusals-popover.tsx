/** How many records did not fit or wait; opened, it says whose, and leads to them. */
import { Anchor, Group, Popover, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { connectionsQuery } from "@/api/queries/connections-query";
import type { LoadTotals, Refusals } from "@/features/dashboard/loads";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";

const SHOWN = 8;

export function RefusalsPopover({ total, refusals }: { total: LoadTotals; refusals: readonly Refusals[] }) {
  const words = `${formatCount(total.rejected)} rejected, ${formatCount(total.held)} held`;
  if (refusals.length === 0) return <>{words}</>;
  return (
    <Popover width={320} position="bottom-start" trapFocus withinPortal>
      <Popover.Target>
        <Anchor component="button" type="button" size="xs" fw={600} underline="always">
          {words}
        </Anchor>
      </Popover.Target>
      <Popover.Dropdown p="sm">
        <Stack gap={8}>
          {refusals.slice(0, SHOWN).map((each) => (
            <Line key={each.connectionId} {...each} />
          ))}
          {refusals.length > SHOWN && (
            <Text size="xs" c="dimmed">
              and {formatCount(refusals.length - SHOWN)} connections more
            </Text>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function Line({ connectionId, rejected, held }: Refusals) {
  const { data } = useQuery(connectionsQuery());
  const name = data?.find(({ id }) => id === connectionId)?.name;
  return (
    <Group justify="space-between" wrap="nowrap" gap="sm">
      {name === undefined ? (
        <Text size="sm">a deleted connection</Text>
      ) : (
        <PageLink to={`/connections/${connectionId}`} search={{ tab: "rejects" }} size="sm" fw={600} truncate>
          {name}
        </PageLink>
      )}
      <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
        {formatCount(rejected)} rejected, {formatCount(held)} held
      </Text>
    </Group>
  );
}
