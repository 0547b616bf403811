/** One value of a row followed back by steps: the record as it came, the rule that reads it, the cell. */
import { Button, Group, Skeleton } from "@mantine/core";
import { IconFileDatabase, IconTable } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { ProblemError } from "@/api/problem";
import type { RowPlace } from "@/api/queries/row-queries";
import type { View } from "@/api/queries/views-query";
import { rawOf, type Trail, type useTrail } from "@/features/lineage/row-trail";
import { CellStep, RecordStep, RuleStep } from "@/features/lineage/trail-steps";
import { cellText } from "@/ui/cell-text";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { SectionCard } from "@/ui/section-card";
import classes from "./value-trail.module.css";

interface ValueTrailProps {
  view: View;
  column: string;
  place: RowPlace;
  /** What the address said; 0: the newest publication. */
  asOf: number;
  found: ReturnType<typeof useTrail>;
}

export function ValueTrail({ view, column, place, asOf, found }: ValueTrailProps) {
  const { trail, error, isUntold, refetch } = found;
  const row = { row: place.entityId, cell: column, ...(asOf === 0 ? {} : { as_of: asOf }) };
  const address = `/views/${encodeURIComponent(view.name)}`;
  return (
    <SectionCard
      title="This value"
      hint={`${column} of row ${place.entityId}`}
      actions={
        <Group gap="xs">
          <Button
            variant="default"
            leftSection={<IconTable size={16} />}
            renderRoot={(props) => <Link to={address} search={row as never} {...props} />}
          >
            The row
          </Button>
          <Button
            variant="default"
            leftSection={<IconFileDatabase size={16} />}
            renderRoot={(props) => (
              <Link to={address} search={{ ...row, tab: "sources", side: "raw" } as never} {...props} />
            )}
          >
            Its source records
          </Button>
        </Group>
      }
    >
      {trail !== undefined ? (
        <Steps trail={trail} view={view} column={column} />
      ) : isUntold ? (
        <Empty title="This column is kept by the platform">No source record tells it.</Empty>
      ) : error instanceof ProblemError && error.status === 404 ? (
        <Empty title="This row is not in this publication">
          It was deleted in its sources, joined into another row, or the publication is kept no more.
        </Empty>
      ) : error !== null ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton height={170} radius="md" data-state="loading" />
      )}
    </SectionCard>
  );
}

function Steps({ trail, view, column }: { trail: Trail; view: View; column: string }) {
  const kind = view.columns.find(({ name }) => name === column)?.type ?? "text";
  const names = new Map(view.sources.map((one) => [one.connection_id, one.connection ?? "deleted connection"]));
  const say = (value: unknown) => cellText(value, kind, names);
  const { winner } = trail.cell;
  return (
    <ol className={classes.steps}>
      {winner !== null && (
        <>
          <RecordStep given={winner} raw={rawOf(trail, winner)} />
          <RuleStep given={winner} column={column} />
        </>
      )}
      <CellStep cell={trail.cell} say={say} />
    </ol>
  );
}
