/** How sure something is, on a line where it is marked from where policy asks and from where it applies. */
import { Box, Group, Text, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { repairSettingsQuery } from "@/api/queries/repair-settings-query";
import { formatProbability, formatShare } from "@/ui/numbers";
import classes from "./probability-scale.module.css";

export function ProbabilityScale({ value, quiet = false }: { value: number; quiet?: boolean }) {
  const policy = useQuery(repairSettingsQuery()).data?.value;
  const standing =
    policy === undefined ? null : value >= policy.apply_at ? "apply" : value >= policy.ask_at ? "ask" : "refuse";
  return (
    <div>
      <Group gap="sm" wrap="nowrap">
        <Box className={classes.line} aria-hidden>
          <div className={classes.bar} data-standing={standing ?? undefined} style={{ width: `${value * 100}%` }} />
          {policy !== undefined && (
            <>
              <div className={classes.mark} style={{ left: `${policy.ask_at * 100}%` }} />
              <div className={classes.mark} data-strong style={{ left: `${policy.apply_at * 100}%` }} />
            </>
          )}
        </Box>
        <Text size="sm" fw={650}>
          {formatProbability(value)}
        </Text>
        {quiet && standing !== null && <VisuallyHidden>{WORDS[standing]}</VisuallyHidden>}
      </Group>
      {!quiet && policy !== undefined && standing !== null && (
        <Text size="xs" c="dimmed" mt={4}>
          {WORDS[standing]}; asked from {formatShare(policy.ask_at)}, applied alone from {formatShare(policy.apply_at)}.
        </Text>
      )}
    </div>
  );
}

const WORDS = {
  apply: "Sure enough to apply alone",
  ask: "Sure enough to ask for",
  refuse: "Too unsure to ask for",
};
