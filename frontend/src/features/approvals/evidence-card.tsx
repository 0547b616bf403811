/** What speaks for the repair as it was measured, and the trial on held and sampled records. */
import { Anchor, Code, Collapse, List, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";

import type { WholeApproval } from "@/features/approvals/approval-query";
import { ProbabilityScale } from "@/features/approvals/probability-scale";
import { changesMapping, likeliest } from "@/features/approvals/repair-effect";
import { JsonView } from "@/ui/json-view";
import { formatCount, formatShare } from "@/ui/numbers";
import { SectionCard } from "@/ui/section-card";
import { StatusBadge } from "@/ui/status-badge";
import { Unknown } from "@/ui/unknown";

export function EvidenceCard({ repair }: { repair: WholeApproval }) {
  const [isOpen, { toggle }] = useDisclosure(false);
  const hasMeasures = Object.keys(repair.evidence).length > 0;
  return (
    <SectionCard title="How sure, and why">
      <Stack gap="sm">
        <HowSure repair={repair} />
        {repair.evidence_in_words.length > 0 ? (
          <List size="sm" spacing={4}>
            {repair.evidence_in_words.map((reason) => (
              <List.Item key={reason}>{reason}</List.Item>
            ))}
          </List>
        ) : (
          <Text size="sm" c="dimmed">
            Nothing was measured that could be said in words.
          </Text>
        )}
        {hasMeasures && (
          <>
            <Anchor component="button" type="button" size="sm" ta="left" onClick={toggle} aria-expanded={isOpen}>
              {isOpen ? "Hide the measures" : "Show the measures"}
            </Anchor>
            <Collapse in={isOpen}>
              <JsonView value={repair.evidence} open={1} />
            </Collapse>
          </>
        )}
        <Text size="sm" fw={650}>
          Trial run
        </Text>
        <Trial shadow={repair.shadow} />
      </Stack>
    </SectionCard>
  );
}

/** Where nothing is proposed, only a candidate can be sure. */
function HowSure({ repair }: { repair: WholeApproval }) {
  if (changesMapping(repair)) return <ProbabilityScale value={repair.probability} />;
  const best = likeliest(repair);
  if (best === undefined)
    return (
      <Text size="sm">
        <Unknown why="Nothing is proposed" /> No way to fill it was found, so there is nothing to be sure of.
      </Text>
    );
  return (
    <div>
      <ProbabilityScale value={best.probability} quiet />
      <Text size="xs" c="dimmed" mt={4}>
        So sure is the likeliest candidate, <Code fz="xs">{best.line}</Code>; nothing is put in force unless you choose
        it.
      </Text>
    </div>
  );
}

function Trial({ shadow }: { shadow: WholeApproval["shadow"] }) {
  if (shadow === null)
    return (
      <Text size="sm">
        <Unknown why="It was not tried on records" /> It was not tried on records.
      </Text>
    );
  const isClean = shadow.rejected === 0;
  return (
    <Stack gap={6} align="flex-start">
      <StatusBadge size="sm" tone={shadow.rows === 0 ? "unknown" : isClean ? "good" : "warning"}>
        {shadow.rows === 0 ? "no records to try" : isClean ? "none rejected" : "some rejected"}
      </StatusBadge>
      {shadow.rows > 0 && (
        <Text size="sm">
          {formatCount(shadow.rejected)} of {formatCount(shadow.rows)} records would be rejected (
          {formatShare(shadow.rejected / shadow.rows)}).
        </Text>
      )}
      {Object.entries(shadow.reasons).map(([reason, count]) => (
        <Text key={reason} size="xs" c="dimmed">
          {formatCount(count)} × {reason}
        </Text>
      ))}
    </Stack>
  );
}
