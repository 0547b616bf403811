/** A rule as fields: what is read, what it fills, and the steps in between. What one writes is the same line. */
import { ActionIcon, Autocomplete, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { RuleInput } from "@/features/approvals/editor/rule-input";
import { readLine, STEPS, writeLine, type RuleParts, type RuleStep } from "@/features/approvals/editor/rule-line";
import type { RuleRowProps } from "@/features/approvals/editor/rule-row";
import { entityFieldsQuery } from "@/features/approvals/entity-fields-query";
import { streamFieldsQuery } from "@/features/approvals/stream-fields-query";
import classes from "./editor.module.css";

const EMPTY: RuleParts = { source: "", target: "", steps: [] };
const KINDS = Object.entries(STEPS)
  .filter(([name]) => name !== "cast")
  .map(([name, { does }]) => ({ value: name, label: `${name}: ${does}` }));

export function RuleForm(props: RuleRowProps) {
  const { repair, place, line, problem, onChange, onRemove } = props;
  const sources = useQuery(streamFieldsQuery(repair.connection_id, repair.stream)).data ?? [];
  const entity = repair.entity;
  const targets = useQuery({ ...entityFieldsQuery(entity ?? ""), enabled: entity !== null }).data ?? [];
  const [mine, setMine] = useState<RuleParts | null>(null);
  // Half a quote is no line yet: what one writes here is not taken apart again while one writes it.
  const parts = mine !== null && writeLine(mine) === line ? mine : line.trim() === "" ? EMPTY : readLine(line).parts;
  // What cannot be taken apart is mended as a line.
  if (parts === null) return <RuleInput {...props} />;
  const change = (changed: Partial<RuleParts>) => {
    const next = { ...parts, ...changed };
    setMine(next);
    onChange(writeLine(next));
  };
  const setStep = (at: number, step: Partial<RuleStep>) =>
    change({ steps: parts.steps.map((each, number) => (number === at ? { ...each, ...step } : each)) });

  return (
    <fieldset className={classes.form} aria-label={`Rule ${place + 1}`}>
      <Stack gap="sm">
        <div className={classes.fields}>
          <Autocomplete
            label="Field of the stream"
            data={sources}
            value={parts.source}
            onChange={(source) => change({ source })}
          />
          <Autocomplete
            label={`Field of ${entity ?? "the entity"}`}
            data={targets}
            value={parts.target}
            onChange={(target) => change({ target })}
          />
        </div>
        <div className={classes.steps}>
          {parts.steps.map((step, at) => (
            <div key={at} className={classes.fields}>
              <Select
                aria-label={`Step ${at + 1}`}
                data={KINDS}
                value={Object.hasOwn(STEPS, step.name) ? step.name : null}
                onChange={(name) => name !== null && setStep(at, { name, argument: STEPS[name]?.argument ?? "" })}
                allowDeselect={false}
              />
              {STEPS[step.name]?.argument !== null && (
                <TextInput
                  aria-label={`Argument of step ${at + 1}`}
                  classNames={{ input: classes.code }}
                  value={step.argument}
                  onChange={(event) => setStep(at, { argument: event.currentTarget.value })}
                />
              )}
              <ActionIcon
                variant="subtle"
                color="gray"
                size={36}
                aria-label={`Remove step ${at + 1}`}
                onClick={() => change({ steps: parts.steps.filter((_, number) => number !== at) })}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </div>
          ))}
        </div>
        {problem !== null && (
          <Text size="xs" c="red.8" role="alert">
            {problem}
          </Text>
        )}
        <Group gap="xs">
          <Button
            size="xs"
            variant="subtle"
            leftSection={<IconPlus size={14} />}
            onClick={() => change({ steps: [...parts.steps, { name: "trim", argument: "" }] })}
          >
            Add a step
          </Button>
          {onRemove !== null && (
            <Button size="xs" variant="subtle" onClick={onRemove}>
              Remove this rule
            </Button>
          )}
        </Group>
      </Stack>
    </fieldset>
  );
}
