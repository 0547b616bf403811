/** Asks before something that cannot be taken back; stays open while it is done and tells why it was not. */
import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";

import { Failure } from "@/ui/failure";

interface ConfirmProps {
  opened: boolean;
  title: string;
  /** What will happen, and what will stay. */
  children: ReactNode;
  /** The verb: "Remove", "Revoke". */
  action: string;
  danger?: boolean;
  /** What has to be typed first, such as a name. */
  typed?: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

export function Confirm(props: ConfirmProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title} centered>
      <Question {...props} />
    </Modal>
  );
}

function Question({ children, action, danger = false, typed, onConfirm, onClose }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [text, setText] = useState("");

  async function confirm() {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Stack gap="md">
      <div>{children}</div>
      {typed !== undefined && (
        <TextInput
          label={`Type “${typed}” to go on`}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
        />
      )}
      {error !== null && <Failure error={error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          color={danger ? "red" : undefined}
          loading={busy}
          disabled={typed !== undefined && text !== typed}
          onClick={() => void confirm()}
          data-autofocus={typed === undefined ? true : undefined}
        >
          {action}
        </Button>
      </Group>
    </Stack>
  );
}
