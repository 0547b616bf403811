/** A place to drop files, or to choose them from. */
import { Text, UnstyledButton } from "@mantine/core";
import { IconLoader2, IconUpload } from "@tabler/icons-react";
import { useRef, useState, type DragEvent } from "react";

import classes from "./file-drop.module.css";

const KINDS = ".csv,.tsv,.txt,.json,.jsonl,.parquet,.xlsx";

interface FileDropProps {
  /** The name of the file that is being sent. */
  busy: string | null;
  onFiles: (files: File[]) => void;
}

export function FileDrop({ busy, onFiles }: FileDropProps) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  function take(files: FileList | null) {
    if (files !== null && files.length > 0 && busy === null) onFiles([...files]);
  }
  function onDrag(event: DragEvent, over: boolean) {
    event.preventDefault();
    setOver(over);
  }
  return (
    <>
      <UnstyledButton
        className={classes.drop}
        data-over={isOver || undefined}
        aria-busy={busy !== null}
        onClick={() => input.current?.click()}
        onDragOver={(event) => onDrag(event, true)}
        onDragLeave={(event) => onDrag(event, false)}
        onDrop={(event) => {
          onDrag(event, false);
          take(event.dataTransfer.files);
        }}
      >
        {busy === null ? (
          <IconUpload size={26} stroke={1.5} aria-hidden />
        ) : (
          <IconLoader2 size={26} stroke={1.5} className={classes.turning} aria-hidden />
        )}
        <Text size="sm" fw={650} role="status">
          {busy === null ? "Drop files here, or choose them" : `Sending ${busy}…`}
        </Text>
        <Text size="xs" c="dimmed">
          CSV, TSV, JSON, JSON Lines, Parquet or Excel. A file of the same name is replaced.
        </Text>
      </UnstyledButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={KINDS}
        aria-label="Files to send"
        onChange={(event) => {
          take(event.currentTarget.files);
          // The same file chosen again is sent again.
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}
