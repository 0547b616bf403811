/** One way to fill the gap: its rule, what speaks for it, how sure it is, and choosing it, by its number as well. */
import { Button, Code, List, Stack, Text } from "@mantine/core";

import { ProbabilityScale } from "@/features/approvals/probability-scale";
import type { Candidate } from "@/features/approvals/wish";
import { KeyHint } from "@/ui/key-hint";
import { StatusBadge } from "@/ui/status-badge";
import { useHotkey } from "@/ui/use-hotkey";
import classes from "./candidates-card.module.css";

interface CandidateRowProps {
  candidate: Candidate;
  /** Counted from 1; up to 9 it is its key. */
  place: number;
  isProposed: boolean;
  /** null: nothing can be chosen now. */
  onChoose: (() => void) | null;
}

export function CandidateRow({ candidate, place, isProposed, onChoose }: CandidateRowProps) {
  const { line, source, probability, evidence } = candidate;
  const canChoose = onChoose !== null && !isProposed;
  const hasKey = canChoose && place <= 9;
  useHotkey(String(place), source === null ? capital(line) : `Choose ${line}`, () => onChoose?.(), {
    disabled: !hasKey,
  });
  return (
    <li className={classes.candidate}>
      <Stack gap={4} className={classes.said}>
        {source === null ? <Text size="sm">{capital(line)}</Text> : <Code className={classes.line}>{line}</Code>}
        {evidence.length > 0 && (
          <List size="xs" c="dimmed">
            {evidence.map((reason) => (
              <List.Item key={reason}>{reason}</List.Item>
            ))}
          </List>
        )}
      </Stack>
      <div className={classes.scale}>
        {source === null ? (
          <Text size="xs" c="dimmed">
            not weighed
          </Text>
        ) : (
          <ProbabilityScale value={probability} quiet />
        )}
      </div>
      <div className={classes.choice}>
        {isProposed && (
          <StatusBadge size="sm" tone="good">
            proposed
          </StatusBadge>
        )}
        {hasKey && (
          <Text span visibleFrom="sm" aria-hidden>
            <KeyHint keys={String(place)} />
          </Text>
        )}
        {canChoose && (
          <Button size="xs" variant="default" onClick={onChoose} aria-label={`Choose ${line}`}>
            Choose
          </Button>
        )}
      </div>
    </li>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
