/** Which files a connection reads: one that was sent, one sent now, all of them, or a pattern. */
import { Input, Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { FileDrop } from "@/features/connections/file-drop";
import { ALL_FILES, FileList } from "@/features/connections/file-list";
import { filesQuery } from "@/features/connections/files-query";
import { useUploadFile } from "@/features/connections/use-upload-file";
import { Failure } from "@/ui/failure";

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
      onChange(sent.length > 1 ? ALL_FILES : stored.name);
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
      {files.isPending && <Skeleton height={36} radius="sm" aria-label="Loading files" />}
      {files.data !== undefined && <FileList files={files.data} value={value} onChange={onChange} />}
      {error !== undefined && (
        <Input.Error role="alert">{value.trim() === "" ? "Send a file, or choose one" : error}</Input.Error>
      )}
    </Stack>
  );
}
