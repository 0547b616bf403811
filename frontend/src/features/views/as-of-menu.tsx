/** Rows as they were published at some time: at a moment one names, or by the publications that are kept. */
import { Button, Popover, ScrollArea, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCheck, IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { describeProblem } from "@/api/problem";
import { snapshotsQuery, type Snapshot } from "@/features/views/snapshots-query";
import { ToolButton } from "@/features/views/tool-button";
import { formatCount } from "@/ui/numbers";
import classes from "./as-of-menu.module.css";

interface AsOfMenuProps {
  view: string;
  /** 0: the newest. */
  asOf: number;
  onChange: (asOf: number) => void;
}

const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export function AsOfMenu({ view, asOf, onChange }: AsOfMenuProps) {
  const [opened, { toggle, close }] = useDisclosure(false);
  const { data, error, refetch } = useQuery({ ...snapshotsQuery(), enabled: opened || asOf !== 0 });
  const chosen = data?.find(({ snapshot_id }) => snapshot_id === asOf);
  const held = (data ?? []).filter(({ views }) => views[view] !== undefined);
  const words = asOf === 0 ? "Newest" : chosen === undefined ? "An earlier time" : said(chosen);

  function choose(snapshotId: number) {
    onChange(snapshotId);
    close();
  }

  return (
    <Popover
      opened={opened}
      onChange={toggle}
      onDismiss={close}
      position="bottom-end"
      width={300}
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <ToolButton
          variant={asOf === 0 ? "default" : "light"}
          icon={<IconHistory size={16} />}
          name={`As of: ${words}`}
          onClick={toggle}
          aria-expanded={opened}
          isWide={asOf !== 0}
        >
          {words}
        </ToolButton>
      </Popover.Target>
      <Popover.Dropdown p="xs" aria-label="As of">
        <Stack gap="xs">
          <MomentField held={held} onChoose={choose} />
          <Text size="xs" c="dimmed">
            Publications that are kept
          </Text>
          <ScrollArea.Autosize mah={300} type="auto">
            <Entry words="Newest" hint="follows what is published" isChosen={asOf === 0} onChoose={() => choose(0)} />
            {held.map((snapshot) => (
              <Entry
                key={snapshot.snapshot_id}
                words={said(snapshot)}
                hint={`${formatCount(snapshot.views[view] ?? 0)} rows${snapshot.current ? ", the newest now" : ""}`}
                isChosen={snapshot.snapshot_id === asOf}
                onChoose={() => choose(snapshot.snapshot_id)}
              />
            ))}
          </ScrollArea.Autosize>
          {data === undefined && error === null && <Text size="sm">Loading</Text>}
          {data === undefined && error !== null && (
            <Button size="xs" variant="default" onClick={() => void refetch()}>
              {describeProblem(error).title}. Try again
            </Button>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Finds the publication that was the newest at a moment. */
function MomentField({ held, onChoose }: { held: readonly Snapshot[]; onChoose: (snapshotId: number) => void }) {
  const [typed, setTyped] = useState("");
  const at = new Date(typed).getTime();
  const found = held.find(({ published_at }) => new Date(published_at).getTime() <= at);
  const isMissed = typed !== "" && held.length > 0 && found === undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (found !== undefined) onChoose(found.snapshot_id);
      }}
    >
      <Stack gap={6}>
        <TextInput
          type="datetime-local"
          step={1}
          label="As it was at"
          description="In your time zone"
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          error={isMissed ? "Nothing that old is kept" : null}
          data-autofocus
        />
        <Button type="submit" size="xs" disabled={found === undefined}>
          {found === undefined ? "Show" : `Show that of ${said(found)}`}
        </Button>
      </Stack>
    </form>
  );
}

interface EntryProps {
  words: string;
  hint: string;
  isChosen: boolean;
  onChoose: () => void;
}

function Entry({ words, hint, isChosen, onChoose }: EntryProps) {
  return (
    <UnstyledButton className={classes.entry} onClick={onChoose} aria-current={isChosen || undefined}>
      <span>
        {words}
        <small>{hint}</small>
      </span>
      {isChosen && <IconCheck size={16} aria-hidden />}
    </UnstyledButton>
  );
}

function said({ published_at }: Snapshot): string {
  return moment.format(new Date(published_at));
}
