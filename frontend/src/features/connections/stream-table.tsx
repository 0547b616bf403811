/** Streams of a source, each taken or not, with how it is read and which columns are taken. */
import { Button, Switch, Text, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";

import { columnsInWords, MODE_WORDS, type Choice } from "@/features/connections/choices";
import { ColumnsDrawer } from "@/features/connections/columns-drawer";
import type { SourceStream } from "@/features/connections/discover-query";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";

interface StreamTableProps {
  streams: readonly SourceStream[] | undefined;
  choiceOf: (stream: SourceStream) => Choice;
  onChoose: (stream: SourceStream, choice: Choice) => void;
  error?: unknown;
  onRetry?: () => void;
  /** Why nothing can be changed here. */
  locked?: string | null;
}

const SEARCH_FROM = 8;

export function StreamTable({ streams, choiceOf, onChoose, error, onRetry, locked = null }: StreamTableProps) {
  const [words, setWords] = useState("");
  const [openName, setOpen] = useState<string | null>(null);
  const isNarrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false }) ?? false;
  const open = streams?.find(({ name }) => name === openName);
  const shown = streams?.filter(({ name, label }) =>
    `${name} ${label ?? ""}`.toLowerCase().includes(words.trim().toLowerCase()),
  );
  return (
    <>
      {streams !== undefined && streams.length > SEARCH_FROM && (
        <TextInput
          aria-label="Search streams"
          placeholder="Search streams"
          leftSection={<IconSearch size={16} />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          maw={320}
          mb="sm"
        />
      )}
      <DataTable
        label="Streams"
        columns={columns(choiceOf, onChoose, (stream) => setOpen(stream.name), isNarrow, locked)}
        rows={shown}
        rowKey={(stream) => stream.name}
        error={error}
        onRetry={onRetry}
        rowHeight={60}
        minWidth={isNarrow ? 330 : 760}
        maxHeight="60vh"
        likely={3}
        empty={
          <Empty title={words === "" ? "The source holds nothing that can be read" : "No stream of that name"}>
            {words === "" ? "Check which tables, objects or files the credentials may see." : undefined}
          </Empty>
        }
      />
      <ColumnsDrawer
        stream={open}
        choice={open && choiceOf(open)}
        onChoose={(choice) => open && onChoose(open, choice)}
        onClose={() => setOpen(null)}
        locked={locked}
      />
    </>
  );
}

function columns(
  choiceOf: (stream: SourceStream) => Choice,
  onChoose: (stream: SourceStream, choice: Choice) => void,
  onOpen: (stream: SourceStream) => void,
  isNarrow: boolean,
  locked: string | null,
): Column<SourceStream>[] {
  const taken: Column<SourceStream> = {
    key: "taken",
    header: "Take",
    width: "76px",
    cell: (stream) => (
      <Switch
        aria-label={`Take ${stream.name}`}
        color="source"
        checked={choiceOf(stream).enabled}
        disabled={locked !== null}
        onChange={(event) => onChoose(stream, { ...choiceOf(stream), enabled: event.currentTarget.checked })}
      />
    ),
  };
  const name: Column<SourceStream> = {
    key: "name",
    header: "Stream",
    cell: (stream) => (
      <>
        <Text size="sm" fw={600} truncate title={stream.name}>
          {stream.name}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {keyInWords(stream)}
        </Text>
      </>
    ),
  };
  const chosen: Column<SourceStream> = {
    key: "columns",
    header: "Columns",
    width: isNarrow ? "120px" : "210px",
    cell: (stream) => (
      <Button
        variant="default"
        size="compact-sm"
        disabled={!choiceOf(stream).enabled}
        onClick={() => onOpen(stream)}
        aria-label={`Columns of ${stream.name}: ${columnsInWords(stream, choiceOf(stream))}`}
      >
        {columnsInWords(stream, choiceOf(stream))}
      </Button>
    ),
  };
  if (isNarrow) return [taken, name, chosen];
  const mode: Column<SourceStream> = {
    key: "mode",
    header: "Read",
    width: "280px",
    cell: (stream) => (
      <Text size="sm" lineClamp={2}>
        {MODE_WORDS[choiceOf(stream).mode ?? stream.mode]}
      </Text>
    ),
  };
  return [taken, name, mode, chosen];
}

function keyInWords({ primary_key: key, key_origin: origin }: SourceStream): string {
  if (key.length === 0) return "no key: records are told apart by all their values";
  return `key ${key.join(", ")}${origin === "proposed" ? " (found by looking)" : ""}`;
}
