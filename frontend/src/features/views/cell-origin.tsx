/** One value of a row and, opened, where it comes from. */
import { Collapse, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import { plainText } from "@/ui/cell-text";
import { columnTitle } from "@/features/views/columns";
import { ContributionCard } from "@/features/views/contribution-card";
import type { Cell } from "@/api/queries/row-queries";
import { CopyButton } from "@/ui/copy-button";
import { PageLink } from "@/ui/page-link";
import classes from "./cell-origin.module.css";

interface CellOriginProps {
  /** Where the lineage of this value is. */
  lineage: Record<string, unknown>;
  cell: Cell;
  description: string | null;
  isFirstOpen: boolean;
  format: (value: unknown) => string;
}

export function CellOrigin({ lineage, cell, description, isFirstOpen, format }: CellOriginProps) {
  const [isOpen, setOpen] = useState(isFirstOpen);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isFirstOpen) frame.current?.scrollIntoView({ block: "center" });
  }, [isFirstOpen]);
  const { column, value, winner, others } = cell;
  const text = format(value);
  const from = winner === null ? "" : (winner.connection ?? "deleted connection");

  return (
    <div ref={frame} className={classes.cell} data-open={isOpen || undefined}>
      <Group gap={4} wrap="nowrap">
        <UnstyledButton className={classes.head} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <IconChevronRight size={14} aria-hidden />
          <span className={classes.name}>{columnTitle(column)}</span>
          <span className={classes.value}>{text === "" ? <span className={classes.none}>no value</span> : text}</span>
          <span className={classes.from}>
            {from}
            {others.length > 0 && ` +${others.length}`}
          </span>
        </UnstyledButton>
        {text !== "" && <CopyButton value={plainText(value)} what={columnTitle(column).toLowerCase()} />}
      </Group>
      <Collapse in={isOpen}>
        {isOpen && (
          <Stack gap="xs" className={classes.body}>
            {description !== null && (
              <Text size="xs" c="dimmed">
                {description}
              </Text>
            )}
            {winner !== null && <ContributionCard contribution={winner} value={format(winner.value)} isWinner />}
            {winner === null && <NoWinner hasValue={text !== ""} hasOthers={others.length > 0} />}
            {others.map((other) => (
              <ContributionCard
                key={`${other.connection_id} ${other.stream ?? ""} ${other.record_id}`}
                contribution={other}
                value={format(other.value)}
              />
            ))}
            <PageLink to="/lineage" search={lineage} size="sm">
              Lineage of this value
            </PageLink>
          </Stack>
        )}
      </Collapse>
    </div>
  );
}

function NoWinner({ hasValue, hasOthers }: { hasValue: boolean; hasOthers: boolean }) {
  const words = hasValue
    ? "No single source record tells this value, so none is named."
    : hasOthers
      ? "The row has no value here; these records gave one later or were set aside."
      : "No source record of this row has a value here.";
  return <Text size="sm">{words}</Text>;
}
