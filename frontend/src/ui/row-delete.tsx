/** A bin at the end of a row, which asks first. */
import { ActionIcon, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { Confirm } from "@/ui/confirm";

interface RowDeleteProps {
  label: string;
  title: string;
  action: string;
  /** What it means. */
  children: ReactNode;
  onConfirm: () => Promise<unknown>;
}

export function RowDelete({ label, title, action, children, onConfirm }: RowDeleteProps) {
  const [isAsking, asking] = useDisclosure(false);
  return (
    <>
      <Tooltip label={action}>
        <ActionIcon variant="subtle" color="gray" onClick={asking.open} aria-label={label}>
          <IconTrash size={16} />
        </ActionIcon>
      </Tooltip>
      <Confirm opened={isAsking} onClose={asking.close} title={title} action={action} danger onConfirm={onConfirm}>
        <Text size="sm">{children}</Text>
      </Confirm>
    </>
  );
}
