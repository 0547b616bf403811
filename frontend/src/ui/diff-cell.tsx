/** One value before and after: struck and new where they differ, once where they are the same. */
import { Text, VisuallyHidden } from "@mantine/core";
import { IconArrowNarrowRight } from "@tabler/icons-react";

import classes from "./diff-cell.module.css";

/** undefined: there was no such cell; null: it was empty. */
export type CellText = string | null | undefined;

export function DiffCell({ before, after }: { before: CellText; after: CellText }) {
  if (before === after || (before === undefined && after === null)) return <Value value={after} />;
  if (after === undefined) return <Gone value={before} />;
  return (
    <span className={classes.pair}>
      {before !== undefined && (
        <del className={classes.old}>
          <VisuallyHidden>was </VisuallyHidden>
          <Value value={before} />
        </del>
      )}
      {before !== undefined && <IconArrowNarrowRight size={14} aria-hidden className={classes.arrow} />}
      <ins className={classes.new}>
        <VisuallyHidden>{before === undefined ? "new " : "becomes "}</VisuallyHidden>
        <Value value={after} />
      </ins>
    </span>
  );
}

/** The field does not come any more. */
function Gone({ value }: { value: CellText }) {
  return (
    <del className={classes.old}>
      <VisuallyHidden>no longer </VisuallyHidden>
      <Value value={value} />
    </del>
  );
}

function Value({ value }: { value: CellText }) {
  if (value === undefined)
    return (
      <Text span size="sm" c="dimmed" aria-label="no such field">
        –
      </Text>
    );
  if (value === null || value === "")
    return (
      <Text span size="sm" c="dimmed" fs="italic">
        empty
      </Text>
    );
  return <span className={classes.value}>{value}</span>;
}
