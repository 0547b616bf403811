/** A secret that is shown now and never again: to copy before the dialog is closed. */
import { Alert, Button, Code, Group, Modal, Stack } from "@mantine/core";
import { IconEyeExclamation } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { CopyButton } from "@/ui/copy-button";

interface ShownOnceProps {
  title: string;
  /** null: closed. */
  secret: string | null;
  what: string;
  children: ReactNode;
  onClose: () => void;
}

export function ShownOnce({ title, secret, what, children, onClose }: ShownOnceProps) {
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      title={title}
      centered
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
      size="lg"
    >
      <Stack gap="md">
        <Alert color="yellow" variant="light" icon={<IconEyeExclamation size={18} />}>
          {children}
        </Alert>
        <Code block data-testid="secret" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {secret}
        </Code>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            I have it
          </Button>
          <CopyButton value={secret ?? ""} what={what} wide />
        </Group>
      </Stack>
    </Modal>
  );
}
