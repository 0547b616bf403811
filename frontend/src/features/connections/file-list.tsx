/** The files of the organisation, one of which is chosen, or all, or those that fit a pattern. */
import { Group, Input, Radio, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";

import type { StoredFile } from "@/features/connections/files-query";
import { useDeleteFile } from "@/features/connections/use-delete-file";
import { formatBytes } from "@/ui/bytes";
import { RowDelete } from "@/ui/row-delete";
import { When } from "@/ui/when";

/** The path that means every file there is. */
export const ALL_FILES = ".";
const PATTERN = "*";

interface FileListProps {
  files: StoredFile[];
  value: string;
  onChange: (path: string) => void;
}

export function FileList({ files, value, onChange }: FileListProps) {
  const isKnown = value === "" || value === ALL_FILES || files.some(({ name }) => name === value);
  const [wantsPattern, want] = useState(false);
  const byPattern = wantsPattern || !isKnown;
  function choose(next: string) {
    want(next === PATTERN);
    onChange(next === PATTERN ? "" : next);
  }
  return (
    <Input.Wrapper label={files.length === 0 ? undefined : "Your files"}>
      <Radio.Group value={byPattern ? PATTERN : value} onChange={choose} aria-label="What is read" mt={4}>
        <ScrollArea.Autosize mah={260} type="auto">
          <Stack gap={2}>
            {files.length > 1 && <Radio value={ALL_FILES} label={`All ${files.length} files, each a stream`} py={6} />}
            {files.map((file) => (
              <FileLine key={file.name} file={file} />
            ))}
          </Stack>
        </ScrollArea.Autosize>
        <Radio value={PATTERN} label="Those whose names fit a pattern" py={6} />
      </Radio.Group>
      {byPattern && (
        <TextInput
          label="Path"
          description="A name or a pattern, such as deals_*.csv. Files that come later and fit are read too."
          value={value}
          onChange={(event) => {
            want(true);
            onChange(event.currentTarget.value);
          }}
          autoComplete="off"
          mt={4}
        />
      )}
    </Input.Wrapper>
  );
}

function FileLine({ file }: { file: StoredFile }) {
  const remove = useDeleteFile();
  return (
    <Group justify="space-between" wrap="nowrap" gap="sm">
      <Radio value={file.name} label={file.name} py={6} style={{ minWidth: 0, overflowWrap: "anywhere" }} />
      <Group gap={8} wrap="nowrap">
        <Text size="xs" c="dimmed" visibleFrom="xs">
          {formatBytes(file.size_bytes)}, <When at={file.modified_at} size="xs" />
        </Text>
        <RowDelete
          label={`Delete ${file.name}`}
          title={`Delete “${file.name}”?`}
          action="Delete"
          onConfirm={() => remove.mutateAsync(file.name)}
        >
          A connection that reads it finds it gone at its next sync. What it brought stays, unless absence counts as
          deletion there.
        </RowDelete>
      </Group>
    </Group>
  );
}
