/** What changes of a mapping: rules that go and rules that come, as the API writes them. */
import { Text, VisuallyHidden } from "@mantine/core";

import classes from "./rule-diff.module.css";

export function RuleDiff({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No rule of the mapping changes.
      </Text>
    );
  return (
    <ul className={classes.lines} aria-label="Changes of the mapping">
      {lines.map((line) => {
        const comes = line.startsWith("+");
        return (
          <li key={line} data-side={comes ? "comes" : "goes"}>
            <span aria-hidden>{comes ? "+" : "−"}</span>
            <VisuallyHidden>{comes ? "comes: " : "goes: "}</VisuallyHidden>
            {line.replace(/^[+-]\s*/, "")}
          </li>
        );
      })}
    </ul>
  );
}
