/** Sample records of a change: their fields at the source before and now, and the view's values now and as proposed. */
import { Alert, Stack, Text } from "@mantine/core";
import { IconClock, IconX } from "@tabler/icons-react";

import type { Schemas } from "@/api/types";
import { DiffCell } from "@/ui/diff-cell";
import { When } from "@/ui/when";
import classes from "./sample-rows.module.css";

type Samples = Schemas["SamplesOut"];
type Sample = Schemas["SampleOut"];

interface SampleRowsProps {
  samples: Samples;
  /** How the view's new values are called: what is proposed, or what one wrote. */
  proposedAs?: string;
}

export function SampleRows({ samples, proposedAs = "as proposed" }: SampleRowsProps) {
  const { rows } = samples;
  const isCompared = rows.some(({ before }) => before !== null);
  const source = namesOf(rows, ({ before, after }) => [before, after]).filter(
    // Of records that were not known before, a field that is gone has nothing to show.
    (name) => isCompared || rows.some(({ after }) => (after[name] ?? null) !== null),
  );
  const view = namesOf(rows, ({ standing, proposed }) => [standing, proposed]);
  return (
    <Stack gap="xs">
      {samples.is_behind && (
        <Alert color="yellow" variant="light" icon={<IconClock size={16} />} p="xs">
          The published views are older than this change, so its records are not among these. They catch up by
          themselves.
        </Alert>
      )}
      {!rows.some(holdsSomething) ? (
        <Text size="sm" c="dimmed" py={4}>
          {samples.snapshot_id === null
            ? "Nothing is published yet, so there are no records to show."
            : "No published record holds the fields of this change."}
        </Text>
      ) : (
        <div className={classes.scroller} tabIndex={0} role="group" aria-label="Sample records">
          <table className={classes.table} aria-label="Sample records">
            <thead>
              <tr>
                <th rowSpan={2} scope="col">
                  Record
                </th>
                {source.length > 0 && (
                  <th colSpan={source.length} scope="colgroup" data-side="source">
                    {isCompared ? "At the source: before → now" : "At the source now"}
                  </th>
                )}
                {view.length > 0 && (
                  <th colSpan={view.length} scope="colgroup" data-side="view">
                    In the view: now → {proposedAs}
                  </th>
                )}
              </tr>
              <tr>
                {source.map((name) => (
                  <th key={`s:${name}`} scope="col" data-side="source">
                    {name}
                  </th>
                ))}
                {view.map((name) => (
                  <th key={`v:${name}`} scope="col" data-side="view">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <SampleRow key={row.record_id} row={row} source={source} view={view} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {samples.published_at !== null && rows.some(holdsSomething) && (
        <Text size="xs" c="dimmed">
          From the views published <When at={samples.published_at} size="xs" />.
        </Text>
      )}
    </Stack>
  );
}

function SampleRow({ row, source, view }: { row: Sample; source: string[]; view: string[] }) {
  return (
    <tr>
      <th scope="row" className={classes.record}>
        <span className={classes.id} title={row.record_id}>
          {row.record_id}
        </span>
        {row.standing === null && row.proposed !== null && <small>not in the view yet</small>}
        {row.problems.map((problem) => (
          <small key={problem} data-bad>
            <IconX size={11} aria-hidden /> rejected: {problem}
          </small>
        ))}
      </th>
      {source.map((name) => (
        <td key={`s:${name}`}>
          {/* Without the record as it was there is nothing to compare with. */}
          <DiffCell before={row.before === null ? row.after[name] : row.before[name]} after={row.after[name]} />
        </td>
      ))}
      {view.map((name) => (
        <td key={`v:${name}`}>
          {row.proposed === null ? (
            <DiffCell before={row.standing?.[name]} after={row.standing?.[name]} />
          ) : (
            <DiffCell before={row.standing?.[name]} after={row.proposed[name]} />
          )}
        </td>
      ))}
    </tr>
  );
}

/** A row of nothing but empty cells shows nothing. */
function holdsSomething({ before, after, standing, proposed, problems }: Sample): boolean {
  const values = [before, after, standing, proposed].flatMap((side) => Object.values(side ?? {}));
  return problems.length > 0 || values.some((value) => value !== null && value !== "");
}

function namesOf(rows: Sample[], sides: (row: Sample) => (Record<string, string | null> | null)[]): string[] {
  return [...new Set(rows.flatMap((row) => sides(row).flatMap((side) => Object.keys(side ?? {}))))];
}
