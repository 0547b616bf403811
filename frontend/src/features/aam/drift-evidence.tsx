/** One change of a source with all there is to know of it. */
import { Grid, List, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

import { AcceptDrift } from "@/features/aam/accept-drift";
import type { WholeDrift } from "@/features/aam/drift-query";
import { Measures } from "@/features/aam/measures";
import { changeInWords, REPAIR_LOOK, REPAIR_STATUSES, SEVERITY_LOOK } from "@/ui/change-words";
import { Facts } from "@/ui/facts";
import { JsonView } from "@/ui/json-view";
import { PageLink } from "@/ui/page-link";
import { Probability } from "@/ui/probability";
import { SampleRows } from "@/ui/sample-rows";
import { SectionCard } from "@/ui/section-card";
import { StatusBadge } from "@/ui/status-badge";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";

export function DriftEvidence({ event }: { event: WholeDrift }) {
  const look = SEVERITY_LOOK[event.severity];
  return (
    <Stack gap="md">
      <Text>{changeInWords(event.kind, event.fields_before, event.fields_after)}</Text>
      <Facts
        facts={[
          {
            name: "Severity",
            value: (
              <StatusBadge size="sm" tone={look.tone}>
                {look.word}
              </StatusBadge>
            ),
          },
          { name: "State", value: <State event={event} /> },
          {
            name: "How sure",
            value:
              event.probability === null ? (
                <Unknown why="It was not weighed" />
              ) : (
                <Probability value={event.probability} />
              ),
          },
          { name: "Where", value: <Where event={event} /> },
          { name: "First seen", value: <When at={event.first_seen_at} /> },
          { name: "Last seen", value: <When at={event.last_seen_at} /> },
          { name: "Breaks", value: event.breaks_fields.length === 0 ? "no view" : event.breaks_fields.join(", ") },
          { name: "Repair", value: <Repair event={event} /> },
        ]}
      />
      <SectionCard title="Evidence">
        {event.evidence_in_words.length > 0 ? (
          <List size="sm" spacing={4}>
            {event.evidence_in_words.map((reason) => (
              <List.Item key={reason}>{reason}</List.Item>
            ))}
          </List>
        ) : (
          <Text size="sm" c="dimmed">
            Nothing was measured that could be said in words.
          </Text>
        )}
        <Measures value={event.evidence} />
      </SectionCard>
      <Grid gutter="md">
        <Side name="As it was" value={event.before} none="It was not there." />
        <Side name="As it is" value={event.after} none="It is gone." />
      </Grid>
      <SectionCard title="Sample records">
        <SampleRows samples={event.samples} proposedAs="with the mapping in force" />
      </SectionCard>
      {event.status === "open" && <AcceptDrift event={event} />}
    </Stack>
  );
}

function State({ event }: { event: WholeDrift }): ReactNode {
  if (event.status === "open")
    return (
      <StatusBadge size="sm" tone="waiting" hint={event.reopened_why}>
        {event.reopened_at === null ? "open" : "open again"}
      </StatusBadge>
    );
  return (
    <>
      {event.resolution ?? "resolved"} {event.resolved_at !== null && <When at={event.resolved_at} size="xs" />}
    </>
  );
}

function Where({ event }: { event: WholeDrift }) {
  if (event.connection === null) return `a deleted connection · ${event.stream}`;
  return (
    <>
      <PageLink to={`/connections/${event.connection_id}`} size="sm">
        {event.connection}
      </PageLink>{" "}
      · {event.stream}
    </>
  );
}

function Repair({ event }: { event: WholeDrift }) {
  if (event.proposal === null) return "none was proposed";
  const { status } = event.proposal;
  const known = REPAIR_STATUSES.find((each) => each === status);
  const word = known === undefined ? status.replaceAll("_", " ") : REPAIR_LOOK[known].word;
  return (
    <PageLink to={`/approvals/${event.proposal.id}`} size="sm">
      {word}
    </PageLink>
  );
}

function Side({ name, value, none }: { name: string; value: unknown; none: string }) {
  return (
    <Grid.Col span={{ base: 12, sm: 6 }}>
      <Text size="sm" fw={650} mb={4}>
        {name}
      </Text>
      {value === null || value === undefined ? (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      ) : (
        <JsonView value={value} open={1} />
      )}
    </Grid.Col>
  );
}
