/** Records of a row as the view reads them, a column each; the value that the row shows is marked in each line. */
import { Text } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";

import type { Cell, SourceSide } from "@/api/queries/row-queries";
import type { View } from "@/api/queries/views-query";
import { columnTitle } from "@/features/views/columns";
import { keyOf, RecordHead } from "@/features/views/record-head";
import { cellText } from "@/ui/cell-text";
import { LongText } from "@/ui/long-text";
import classes from "./records.module.css";

interface ReadRecordsProps {
  records: readonly SourceSide[];
  cells: readonly Cell[];
  view: View;
  connections: ReadonlyMap<string, string>;
}

export function ReadRecords({ records, cells, view, connections }: ReadRecordsProps) {
  const kindOf = (name: string) => view.columns.find((column) => column.name === name)?.type ?? "text";
  const winners = new Map(cells.flatMap(({ column, winner }) => (winner === null ? [] : [[column, keyOf(winner)]])));
  return (
    <>
      <div className={classes.scroller} tabIndex={0} role="group" aria-label="Source records side by side">
        <table className={classes.table} style={{ minWidth: 130 + records.length * 180 }}>
          <thead>
            <tr>
              <th scope="col" className={classes.field}>
                Column
              </th>
              {records.map((record) => (
                <th scope="col" key={keyOf(record)}>
                  <RecordHead record={record} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {filledColumns(records).map((name) => (
              <tr key={name}>
                <th scope="row" className={classes.field}>
                  {columnTitle(name)}
                </th>
                {records.map((record) => (
                  <td key={keyOf(record)} data-shown={winners.get(name) === keyOf(record) || undefined}>
                    <Value
                      text={cellText(record.values[name], kindOf(name), connections)}
                      isShown={winners.get(name) === keyOf(record)}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {winners.size > 0 && (
        <Text size="xs" c="dimmed">
          <IconCheck size={12} aria-hidden /> marks the value that the row shows.
        </Text>
      )}
    </>
  );
}

function Value({ text, isShown }: { text: string; isShown: boolean }) {
  if (text === "") {
    return (
      <Text span c="dimmed" role="img" aria-label="no value">
        –
      </Text>
    );
  }
  return (
    <>
      <LongText text={text} />
      {isShown && <IconCheck size={14} className={classes.mark} role="img" aria-label="shown in the row" />}
    </>
  );
}

/** Columns that some record has a value for. */
function filledColumns(records: readonly SourceSide[]): string[] {
  const names = new Set(records.flatMap(({ values }) => Object.keys(values)));
  return [...names].filter((name) => records.some(({ values }) => (values[name] ?? null) !== null));
}
