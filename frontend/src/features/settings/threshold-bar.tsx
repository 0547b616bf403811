/** The two thresholds as parts of a line from 0 to 1: refused, asked, applied. */
import { Box, Text } from "@mantine/core";

import classes from "./threshold-bar.module.css";

export function ThresholdBar({ askAt, applyAt }: { askAt: number; applyAt: number }) {
  const ask = clamp(askAt);
  const apply = Math.max(ask, clamp(applyAt));
  const parts = [
    { word: "refuse", share: ask, tone: "off" },
    { word: "ask", share: apply - ask, tone: "ask" },
    { word: "apply", share: 1 - apply, tone: "apply" },
  ];
  return (
    <Box className={classes.bar} aria-hidden>
      {parts.map(({ word, share, tone }) => (
        <div key={word} data-tone={tone} style={{ flexGrow: share }} className={classes.part}>
          {share >= 0.08 && (
            <Text size="xs" fw={600} truncate>
              {word}
            </Text>
          )}
        </div>
      ))}
    </Box>
  );
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, Number.isFinite(value) ? value : 0));
}
