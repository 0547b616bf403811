/** Which files a connection reads: one that lies here, one sent now, all of them, or a pattern. */
import { Group, Input, Loader, Radio, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { FileDrop } from "@/features/connections/file-drop";
import { filesQuery, type StoredFile } from "@/features/connections/files-query";
import { useDeleteFile } from "@/features/connections/use-delete-file";
import { useUploadFile } from "@/features/connections/use-upload-file";
import { Failure } from "@/ui/failure";
import { formatBytes } from "@/ui/bytes";
import { RowDelete } from "@/ui/row-delete";
import { When } from "@/ui/when";

const ALL = ".";

interface FileChooserProps {
  value: string;
  onChange: (path: string) => void;
  error: string | undefined;
}

export function FileChooser({ value, onChange, error }: FileChooserProps) {
  const files = useQuery(filesQuery());
  const upload = useUploadFile();
  async function send(sent: File[]) {
    for (const file of sent) {
      const stored = await upload.mutateAsync(file);
      onChange(sent.length > 1 ? ALL : stored.name);
    }
  }
  return (
    <Stack gap="sm">
      <FileDrop
        busy={upload.isPending ? upload.variables.name : null}
        onFiles={(sent) => void send(sent).catch(() => {})}
      />
      {upload.error !== null && <Failure error={upload.error} />}
      {files.error !== null && files.data === undefined && (
        <Failure error={files.error} onRetry={() => void files.refetch()} />
      )}
      {files.isPending && <Loader size="sm" aria-label="Loading files" />}
      {files.data !== undefined && files.data.length > 0 && (
        <FileList files={files.data} value={value} onChange={onChange} />
      )}
      <TextInput
        label="Path"
        description="A file, a pattern such as deals_*.csv, or a single dot for all of your files"
        withAsterisk
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
        autoComplete="off"
      />
    </Stack>
  );
}

function FileList({
  files,
  value,
  onChange,
}: {
  files: StoredFile[];
  value: string;
  onChange: (path: string) => void;
}) {
  const remove = useDeleteFile();
  return (
    <Input.Wrapper label="Files that lie here">
      <ScrollArea.Autosize mah={260} mt={4} type="auto">
        <Radio.Group value={value} onChange={onChange} aria-label="Files that lie here">
          <Stack gap={2}>
            {files.length > 1 && <Radio value={ALL} label={`All ${files.length} files, each a stream`} py={6} />}
            {files.map((file) => (
              <Group key={file.name} justify="space-between" wrap="nowrap" gap="sm">
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
                    A connection that reads it finds it gone at its next sync. What it brought stays, unless absence
                    counts as deletion there.
                  </RowDelete>
                </Group>
              </Group>
            ))}
          </Stack>
        </Radio.Group>
      </ScrollArea.Autosize>
    </Input.Wrapper>
  );
}
