/** Rows as high as the real ones, so that nothing moves when those arrive. */
import { Skeleton } from "@mantine/core";

const WIDTHS = ["62%", "48%", "71%", "55%", "40%"];

export function SkeletonRows({ columns, rows }: { columns: number; rows: number }) {
  return Array.from({ length: rows }, (_, row) => (
    <tr key={row} aria-hidden data-skeleton>
      {Array.from({ length: columns }, (_, column) => (
        <td key={column}>
          <Skeleton height={12} width={WIDTHS[(row + column) % WIDTHS.length]} radius="sm" />
        </td>
      ))}
    </tr>
  ));
}
