/** How one stream is read, and what becomes of each of its columns. */
import { Drawer, Select, Stack, Switch, Text } from "@mantine/core";

import { MODE_WORDS, takesNewColumns, withNewColumns, type Choice, type Mode } from "@/features/connections/choices";
import { ColumnTable } from "@/features/connections/column-table";
import type { SourceStream } from "@/features/connections/discover-query";

interface ColumnsDrawerProps {
  stream: SourceStream | undefined;
  choice: Choice | undefined;
  onChoose: (choice: Choice) => void;
  onClose: () => void;
  locked: string | null;
}

export function ColumnsDrawer({ stream, choice, onChoose, onClose, locked }: ColumnsDrawerProps) {
  return (
    <Drawer
      opened={stream !== undefined}
      onClose={onClose}
      position="right"
      size="xl"
      title={stream === undefined ? "" : `How ${stream.name} is read`}
    >
      {stream !== undefined && choice !== undefined && (
        <Stack gap="md">
          {locked !== null && (
            <Text size="sm" c="dimmed">
              {locked}
            </Text>
          )}
          <Reading stream={stream} choice={choice} onChoose={onChoose} isLocked={locked !== null} />
          <ColumnTable stream={stream} choice={choice} onChoose={onChoose} isLocked={locked !== null} />
          <Switch
            label="Take columns that appear later"
            description="Without this, a new column is told as a change and left out."
            checked={takesNewColumns(choice)}
            disabled={locked !== null}
            onChange={(event) => onChoose(withNewColumns(stream, choice, event.currentTarget.checked))}
          />
        </Stack>
      )}
    </Drawer>
  );
}

interface ReadingProps {
  stream: SourceStream;
  choice: Choice;
  onChoose: (choice: Choice) => void;
  isLocked: boolean;
}

function Reading({ stream, choice, onChoose, isLocked }: ReadingProps) {
  const fields = stream.fields.map(({ name }) => name);
  return (
    <>
      <Select
        label="How it is read"
        data={stream.modes.map((mode) => ({ value: mode, label: MODE_WORDS[mode] }))}
        value={choice.mode ?? stream.mode}
        onChange={(mode) => onChoose({ ...choice, mode: stream.modes.find((each) => each === mode) ?? null })}
        disabled={isLocked || stream.modes.length < 2}
        description={stream.modes.length < 2 ? "The source offers one way." : undefined}
        allowDeselect={false}
      />
      {usesCursor(choice.mode ?? stream.mode) && (
        <Select
          label="What grows with every change"
          description="Records behind the last value seen are read next time."
          data={fields}
          value={choice.cursor_field ?? stream.cursor_field}
          onChange={(field) => onChoose({ ...choice, cursor_field: field })}
          disabled={isLocked}
          searchable
          placeholder="Nothing that is known"
        />
      )}
    </>
  );
}

function usesCursor(mode: Mode): boolean {
  return mode === "incremental";
}
