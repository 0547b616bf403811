/** Back on the left, on to the next step on the right. */
import { Button, Group } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import type { ReactNode } from "react";

import classes from "./step-footer.module.css";

interface StepFooterProps {
  onBack?: () => void;
  backTo?: string;
  /** In place of going back. */
  left?: ReactNode;
  children: ReactNode;
}

export function StepFooter({ onBack, backTo = "Back", left, children }: StepFooterProps) {
  return (
    <Group justify="space-between" gap="sm" mt="xs" className={classes.footer}>
      {left ?? (
        <Button variant="default" leftSection={<IconArrowLeft size={16} />} onClick={onBack}>
          {backTo}
        </Button>
      )}
      <Group gap="sm" className={classes.next}>
        {children}
      </Group>
    </Group>
  );
}
