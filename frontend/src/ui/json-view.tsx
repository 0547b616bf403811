/** JSON to look into: parts fold, the whole can be copied. Values are shown as text and nothing else. */
import { Box, Group, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";

import { CopyButton } from "@/ui/copy-button";
import classes from "./json-view.module.css";

interface JsonViewProps {
  value: unknown;
  /** Levels that are open from the start. */
  open?: number;
}

export function JsonView({ value, open = 2 }: JsonViewProps) {
  return (
    <Box className={classes.frame}>
      <Group className={classes.copy}>
        <CopyButton value={JSON.stringify(value, null, 2)} what="JSON" />
      </Group>
      <Node name={null} value={value} open={open} />
    </Box>
  );
}

function Node({ name, value, open }: { name: string | null; value: unknown; open: number }) {
  const [isOpen, setOpen] = useState(open > 0);
  const label = name === null ? null : <span className={classes.name}>{name}: </span>;
  if (typeof value !== "object" || value === null) {
    return (
      <div className={classes.line}>
        {label}
        <span data-type={value === null ? "null" : typeof value}>{JSON.stringify(value)}</span>
      </div>
    );
  }
  const entries = Object.entries(value);
  const [left, right] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) {
    return (
      <div className={classes.line}>
        {label}
        {left}
        {right}
      </div>
    );
  }
  return (
    <div className={classes.line}>
      <UnstyledButton className={classes.fold} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <IconChevronRight size={12} aria-hidden data-open={isOpen || undefined} />
        {label}
        {isOpen ? left : `${left} ${entries.length} ${entries.length === 1 ? "entry" : "entries"} ${right}`}
      </UnstyledButton>
      {isOpen && (
        <>
          <div className={classes.children}>
            {entries.map(([key, child]) => (
              <Node key={key} name={key} value={child} open={open - 1} />
            ))}
          </div>
          {right}
        </>
      )}
    </div>
  );
}
