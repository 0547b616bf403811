/** Rows as high as the real ones, so that nothing moves when those arrive. */
import { Skeleton } from "@mantine/core";

const WIDTHS = ["62%", "48%", "71%", "55%", "40%"];

interface SkeletonRowsProps {
  columns: number;
  rows: number;
  /** Of each column: the screens it is left out on. */
  from?: readonly (string | undefined)[];
}

export function SkeletonRows({ columns, rows, from = [] }: SkeletonRowsProps) {
  return Array.from({ length: rows }, (_, row) => (
    <tr key={row} aria-hidden data-skeleton>
      {Array.from({ length: columns }, (_, column) => (
        <td key={column} data-from={from[column]}>
          <Skeleton height={12} width={WIDTHS[(row + column) % WIDTHS.length]} radius="sm" />
        </td>
      ))}
    </tr>
  ));
}
