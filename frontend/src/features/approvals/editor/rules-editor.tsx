/** Rules of one's own in place of the proposed ones, tried on sample records while one writes. */
import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";

import type { WholeApproval } from "@/features/approvals/approval-query";
import { useDraft } from "@/features/approvals/editor/drafts";
import { lineProblems } from "@/features/approvals/editor/line-problems";
import { RuleForm } from "@/features/approvals/editor/rule-form";
import { RuleInput } from "@/features/approvals/editor/rule-input";
import { readLine } from "@/features/approvals/editor/rule-line";
import { RulePreview } from "@/features/approvals/editor/rule-preview";
import { SyntaxHelp } from "@/features/approvals/editor/syntax-help";
import { previewQuery } from "@/features/approvals/preview-query";
import { KeyHint } from "@/ui/key-hint";
import { SectionCard } from "@/ui/section-card";
import { useHotkey } from "@/ui/use-hotkey";

const PREVIEW_AFTER_MS = 500;

interface RulesEditorProps {
  repair: WholeApproval;
  onDecide: (lines: readonly string[]) => void;
  onClose: () => void;
}

export function RulesEditor({ repair, onDecide, onClose }: RulesEditorProps) {
  const [look, setLook] = useState("lines");
  const { lines, change, reset } = useDraft(repair.id, linesOf(repair));
  const written = lines.map((line) => line.trim()).filter((line) => line !== "");
  const isReadable = written.length > 0 && written.every((line) => readLine(line).problem === null);
  const [tried] = useDebouncedValue(written.join("\n"), PREVIEW_AFTER_MS);
  const isTried = tried === written.join("\n");
  const preview = useQuery({ ...previewQuery(repair.id, tried.split("\n")), enabled: isReadable && isTried });
  const refused = lineProblems(isTried && isReadable ? preview.error : null, written);
  const canDecide = isReadable && isTried && preview.error === null && !preview.isPlaceholderData && !preview.isPending;
  useHotkey("mod+enter", "Put these rules in force", () => onDecide(written), { disabled: !canDecide });

  // Who came by a key goes on by keys: into the first line, and out again by Escape; what is written stays.
  const rows = useRef<HTMLDivElement>(null);
  useEffect(() => rows.current?.querySelector<HTMLInputElement>("input")?.focus({ preventScroll: true }), []);
  function leave(event: KeyboardEvent) {
    if (event.key !== "Escape" || event.defaultPrevented || look !== "lines") return;
    event.preventDefault();
    onClose();
  }

  /** The refusal of a line that stands there as it was sent; empty lines were not sent. */
  function problemAt(at: number): string | null {
    const line = lines[at]?.trim() ?? "";
    if (line === "") return null;
    const place = lines.slice(0, at).filter((each) => each.trim() !== "").length;
    return readLine(line).problem ?? refused.at.get(place) ?? null;
  }
  const set = (at: number, line: string) => change(lines.map((each, place) => (place === at ? line : each)));
  const Row = look === "lines" ? RuleInput : RuleForm;

  return (
    <SectionCard
      title="Your rules"
      hint="They take the place of the proposed rules for the fields they fill; every other rule stays."
      actions={
        <SegmentedControl
          size="xs"
          aria-label="How rules are written"
          data={[
            { value: "lines", label: "Lines" },
            { value: "form", label: "Form" },
          ]}
          value={look}
          onChange={setLook}
        />
      }
    >
      <Stack gap="sm" ref={rows} onKeyDown={leave}>
        {lines.map((line, at) => (
          <Row
            key={at}
            repair={repair}
            place={at}
            line={line}
            problem={problemAt(at)}
            onChange={(next) => set(at, next)}
            onPaste={(pasted) => change([...lines.slice(0, at), ...pasted, ...lines.slice(at + 1)])}
            onRemove={lines.length > 1 ? () => change(lines.filter((_, place) => place !== at)) : null}
          />
        ))}
        <Group justify="space-between" gap="xs">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => change([...lines, ""])}
          >
            Add a rule
          </Button>
          <SyntaxHelp />
        </Group>
        <RulePreview
          preview={preview.data}
          problem={refused.whole}
          isWaiting={isReadable && (!isTried || preview.isFetching)}
          isReadable={isReadable}
        />
        <Group justify="flex-end" gap="xs">
          <Text size="xs" c="dimmed" visibleFrom="sm" component="div">
            <KeyHint keys="escape" /> leaves, <KeyHint keys="mod+enter" /> puts in force
          </Text>
          <Button variant="subtle" onClick={reset}>
            Start again
          </Button>
          <Button variant="default" onClick={onClose}>
            Stop editing
          </Button>
          <Button onClick={() => onDecide(written)} disabled={!canDecide}>
            Put in force
          </Button>
        </Group>
      </Stack>
    </SectionCard>
  );
}

/** The rules that the proposal brings; one to begin with where it brings none. */
function linesOf(repair: WholeApproval): string[] {
  const lines = repair.changes.flatMap(({ after }) => (after === null ? [] : [after.line]));
  return lines.length > 0 ? [...new Set(lines)] : [""];
}
