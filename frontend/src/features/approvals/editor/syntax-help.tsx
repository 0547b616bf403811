/** How a rule is written, with an example of every step. */
import { Button, Code, Popover, ScrollArea, Text } from "@mantine/core";
import { IconHelpCircle } from "@tabler/icons-react";

import { STEPS } from "@/features/approvals/editor/rule-line";
import classes from "./syntax-help.module.css";

export function SyntaxHelp() {
  return (
    <Popover width={420} position="bottom-end" withinPortal trapFocus>
      <Popover.Target>
        <Button size="xs" variant="subtle" leftSection={<IconHelpCircle size={14} />}>
          How a rule is written
        </Button>
      </Popover.Target>
      <Popover.Dropdown maw="calc(100vw - 24px)" aria-label="How a rule is written">
        <Text size="sm" tabIndex={-1} data-autofocus>
          <Code>source -&gt; target | step | step:argument</Code>
        </Text>
        <Text size="xs" c="dimmed" mt={6}>
          The field of the stream, the field it fills, and the steps in their order. What holds one of | : , = / or
          begins or ends with a space stands in quotes.
        </Text>
        <ScrollArea.Autosize mah={260} mt="xs" viewportProps={{ tabIndex: 0, "aria-label": "Steps" }}>
          <dl className={classes.steps}>
            {Object.entries(STEPS).map(([name, { argument, does }]) => (
              <div key={name}>
                <dt>
                  <Code>{argument === null ? name : `${name}:${argument}`}</Code>
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}
