/** What stands now, whatever the span: holds, watched repairs, the mapping memory, connections that are left alone. */
import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { useMay } from "@/api/queries/me-query";
import { tenantStateQuery } from "@/api/queries/tenant-state-query";
import type { Metrics } from "@/features/aam/metrics-query";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { SectionCard } from "@/ui/section-card";
import { When } from "@/ui/when";
import classes from "./standing-card.module.css";

export function StandingCard({ standing }: { standing: Metrics["standing"] }) {
  return (
    <SectionCard title="What stands now">
      <dl className={classes.list}>
        <Line name="Holds in force" says="Records with an undecided change are kept back">
          <PageLink to="/aam" search={{ tab: "drift", status: "open", span: "365d" }}>
            {formatCount(standing.holds)}
          </PageLink>
        </Line>
        <Line name="Repairs watched" says="Taken back by themselves when the next syncs get worse">
          <PageLink to="/approvals" search={{ tab: "all" }}>
            {formatCount(standing.watching)}
          </PageLink>
        </Line>
        <Line
          name="Mapping memory"
          says={`Rules in force that new mappings learn from; ${formatCount(standing.memory_by_people)} confirmed by people`}
        >
          <PageLink to="/ontology">{formatCount(standing.memory)}</PageLink>
        </Line>
        <Line name="Circuit breakers open" says="Connections left alone for a while after failures">
          <PageLink to="/connections">{formatCount(standing.circuits_open)}</PageLink>
        </Line>
      </dl>
      {standing.circuits_open > 0 && <OpenCircuits />}
    </SectionCard>
  );
}

function Line({ name, says, children }: { name: string; says: string; children: ReactNode }) {
  return (
    <div className={classes.line}>
      <dt>
        <Text size="sm" fw={600} component="span">
          {name}
        </Text>
        <Text size="xs" c="dimmed" component="span" display="block">
          {says}
        </Text>
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function OpenCircuits() {
  const may = useMay();
  const state = useQuery({ ...tenantStateQuery(), enabled: may("tasks.read") }).data;
  const open = (state?.connections ?? []).filter(
    ({ circuit_open_until: until }) => until !== null && Date.parse(until) > Date.parse(state?.at ?? ""),
  );
  return (
    <Stack gap={4} mt="xs" aria-label="Connections left alone" component="section">
      {open.map((connection) => (
        <Group key={connection.id} justify="space-between" gap="xs">
          <PageLink to={`/connections/${connection.id}`} size="sm">
            {connection.name}
          </PageLink>
          <Text size="xs" c="dimmed" component="span">
            {formatCount(connection.failures_in_a_row)} failures in a row, tried again{" "}
            {connection.circuit_open_until !== null && <When at={connection.circuit_open_until} size="xs" />}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
