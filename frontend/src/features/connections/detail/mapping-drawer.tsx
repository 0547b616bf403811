/** A stream's mapping through its versions: what each changed, who decided, and a way back. */
import { Accordion, Drawer, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { RollBack } from "@/features/connections/detail/roll-back";
import { MappingNow } from "@/features/connections/mapping/mapping-now";
import { MappingRules } from "@/features/connections/mapping-rules";
import { mappingVersionsQuery, type MappingVersion } from "@/features/connections/mapping-versions-query";
import { Failure } from "@/ui/failure";
import { RuleDiff } from "@/ui/rule-diff";
import { CardSkeleton } from "@/ui/skeletons";
import { StatusBadge } from "@/ui/status-badge";
import { When } from "@/ui/when";

interface MappingDrawerProps {
  connectionId: string;
  stream: string;
  onClose: () => void;
}

export function MappingDrawer({ connectionId, stream, onClose }: MappingDrawerProps) {
  return (
    <Drawer opened={stream !== ""} onClose={onClose} position="right" size="xl" title={`Mapping of ${stream}`}>
      {stream !== "" && (
        <Stack gap="lg" key={stream}>
          <MappingNow connectionId={connectionId} stream={stream} />
          <Versions connectionId={connectionId} stream={stream} />
        </Stack>
      )}
    </Drawer>
  );
}

function Versions({ connectionId, stream }: { connectionId: string; stream: string }) {
  const { data, error, refetch } = useQuery(mappingVersionsQuery(connectionId, stream));
  if (data === undefined)
    return error === null ? <CardSkeleton lines={8} /> : <Failure error={error} onRetry={() => void refetch()} />;
  const inForce = data.find(({ is_in_force }) => is_in_force);
  return (
    // Another version in force is the one to be seen.
    <Accordion key={inForce?.version} variant="contained" defaultValue={`${inForce?.version ?? data[0]?.version}`}>
      {data.map((version) => (
        <Accordion.Item key={version.version} value={`${version.version}`}>
          <Accordion.Control>
            <VersionTitle version={version} />
          </Accordion.Control>
          <Accordion.Panel>
            <Stack gap="md">
              {version.version > 1 && <RuleDiff lines={version.diff} />}
              <MappingRules mapping={version} />
              {!version.is_in_force && <RollBack version={version} />}
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}

function VersionTitle({ version }: { version: MappingVersion }) {
  return (
    <div>
      <Group gap="sm">
        <Text size="sm" fw={650}>
          Version {version.version}
        </Text>
        {version.is_in_force && (
          <StatusBadge size="sm" tone="good">
            in force
          </StatusBadge>
        )}
        <Text span size="xs" c="dimmed">
          {version.decided_by}, <When at={version.decided_at} size="xs" />
        </Text>
      </Group>
      <Text size="sm" c="dimmed">
        {version.reason}
      </Text>
    </div>
  );
}
