/** Puts a text into the clipboard and says that it is there. */
import { ActionIcon, Button, CopyButton as Copier, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

interface CopyButtonProps {
  value: string;
  /** What is copied: "key", "link". */
  what: string;
  /** With words, where copying is the main thing to do. */
  wide?: boolean;
}

export function CopyButton({ value, what, wide = false }: CopyButtonProps) {
  return (
    <Copier value={value} timeout={2000}>
      {({ copied, copy }) => {
        const icon = copied ? <IconCheck size={16} /> : <IconCopy size={16} />;
        const words = copied ? "Copied" : `Copy ${what}`;
        return wide ? (
          <Button leftSection={icon} onClick={copy} color={copied ? "source" : undefined} miw={140}>
            {words}
          </Button>
        ) : (
          <Tooltip label={words} withArrow>
            <ActionIcon variant="subtle" color={copied ? "source" : "gray"} onClick={copy} aria-label={words}>
              {icon}
            </ActionIcon>
          </Tooltip>
        );
      }}
    </Copier>
  );
}
