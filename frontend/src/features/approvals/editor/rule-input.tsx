/** A rule as a line of text, with what is wrong with it right below. */
import { ActionIcon, Group, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import type { ClipboardEvent } from "react";

import type { RuleRowProps } from "@/features/approvals/editor/rule-row";
import classes from "./editor.module.css";

export function RuleInput({ place, line, problem, onChange, onPaste, onRemove }: RuleRowProps) {
  function paste(event: ClipboardEvent<HTMLInputElement>) {
    const lines = event.clipboardData
      .getData("text")
      .split(/\r?\n/)
      .filter((each) => each.trim() !== "");
    if (lines.length < 2) return;
    event.preventDefault();
    onPaste(lines);
  }

  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <TextInput
        className={classes.input}
        classNames={{ input: classes.code }}
        aria-label={`Rule ${place + 1}`}
        placeholder="source -> target | step:arguments"
        value={line}
        error={problem}
        onChange={(event) => onChange(event.currentTarget.value)}
        onPaste={paste}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        maxLength={2000}
      />
      {onRemove !== null && (
        <ActionIcon variant="subtle" color="gray" size={36} onClick={onRemove} aria-label={`Remove rule ${place + 1}`}>
          <IconTrash size={16} />
        </ActionIcon>
      )}
    </Group>
  );
}
