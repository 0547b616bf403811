/** Every value of a row; each opens to the record it was taken from, by which rule, and to the records that lost. */
import { Group, Stack, Switch, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { View } from "@/api/queries/views-query";
import { CellOrigin } from "@/features/views/cell-origin";
import type { Kind } from "@/ui/cell-text";
import { provenanceQuery, type RowPlace } from "@/api/queries/row-queries";
import { VIEW_FIELDS } from "@/features/views/fields";
import { RowMissing } from "@/features/views/row-missing";
import { CardSkeleton } from "@/ui/skeletons";
import { useUrlState } from "@/ui/use-url-state";

interface RowValuesProps {
  place: RowPlace;
  view: View;
  /** The column that is open from the start. */
  opened: string;
  format: (value: unknown, kind: Kind) => string;
}

export function RowValues({ place, view, opened, format }: RowValuesProps) {
  const { data, error, refetch } = useQuery(provenanceQuery(place));
  const [{ as_of }] = useUrlState(VIEW_FIELDS);
  const past = as_of === 0 ? {} : { as_of };
  const [withEmpty, setWithEmpty] = useState(false);
  if (data === undefined) {
    return error === null ? <CardSkeleton lines={14} /> : <RowMissing error={error} onRetry={() => void refetch()} />;
  }
  const isShown = ({ value, column }: { value: unknown; column: string }) =>
    withEmpty || value !== null || column === opened;
  const shown = data.cells.filter(isShown);
  const empty = data.cells.filter(({ value }) => value === null).length;
  return (
    <Stack gap={0}>
      <Group justify="space-between" mb="xs">
        <Text size="xs" c="dimmed">
          A value opens to where it comes from
        </Text>
        {empty > 0 && (
          <Switch
            size="xs"
            label={`${empty} without a value`}
            checked={withEmpty}
            onChange={({ currentTarget }) => setWithEmpty(currentTarget.checked)}
          />
        )}
      </Group>
      {shown.map((cell) => {
        const column = view.columns.find(({ name }) => name === cell.column);
        const kind = column?.type ?? "text";
        return (
          <CellOrigin
            key={cell.column}
            lineage={{ view: view.name, column: cell.column, row: place.entityId, ...past }}
            cell={cell}
            description={column?.description ?? null}
            isFirstOpen={cell.column === opened}
            format={(value) => format(value, kind)}
          />
        );
      })}
    </Stack>
  );
}
