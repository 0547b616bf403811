/** Records of a row as they came, each with its own fields; those that the opened value is read from are marked. */
import { Code, Text } from "@mantine/core";
import { useEffect, useRef } from "react";

import type { Cell, SourceSide } from "@/api/queries/row-queries";
import { columnTitle } from "@/features/views/columns";
import { keyOf, RecordHead } from "@/features/views/record-head";
import { LongText } from "@/ui/long-text";
import classes from "./records.module.css";

interface RawRecordsProps {
  records: readonly SourceSide[];
  cells: readonly Cell[];
  /** The column whose value is open; empty: none. */
  column: string;
}

export function RawRecords({ records, cells, column }: RawRecordsProps) {
  const cell = cells.find((each) => each.column === column);
  const given = cell === undefined ? [] : [...(cell.winner === null ? [] : [cell.winner]), ...cell.others];
  const readFrom = new Map(given.map((each) => [keyOf(each), new Set(each.rules.map(({ source }) => source))]));
  const winner = cell === undefined || cell.winner === null ? "" : keyOf(cell.winner);
  return (
    <>
      {readFrom.size > 0 && (
        <Text size="xs" c="dimmed">
          Marked fields are those that <b>{columnTitle(column)}</b> is read from.
        </Text>
      )}
      <div className={classes.cards} tabIndex={0} role="group" aria-label="Source records as they came">
        {records.map((record) => (
          <section
            key={keyOf(record)}
            className={classes.card}
            data-shown={keyOf(record) === winner || undefined}
            aria-label={`Record ${record.record_id}`}
          >
            <RecordHead record={record} />
            {record.raw === null ? (
              <Text size="sm" c="dimmed" mt="sm">
                As it came it is kept no more.
              </Text>
            ) : (
              <dl className={classes.raw}>
                {Object.entries(record.raw).map(([name, value]) => (
                  <Field
                    key={name}
                    name={name}
                    value={value}
                    isRead={readFrom.get(keyOf(record))?.has(name) ?? false}
                    isShown={keyOf(record) === winner}
                  />
                ))}
              </dl>
            )}
          </section>
        ))}
      </div>
    </>
  );
}

interface FieldProps {
  name: string;
  value: string | null;
  /** Whether the opened value may be read from it, and whether it is. */
  isRead: boolean;
  isShown: boolean;
}

function Field({ name, value, isRead, isShown }: FieldProps) {
  const field = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isRead && isShown) field.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [isRead, isShown]);
  return (
    <div ref={field} data-read={isRead || undefined}>
      <dt>
        <Code>{name}</Code>
      </dt>
      <dd>
        {value === null ? (
          <Text span c="dimmed" size="sm">
            no value
          </Text>
        ) : (
          <LongText text={value} />
        )}
      </dd>
    </div>
  );
}
