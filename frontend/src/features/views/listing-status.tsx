/** How many rows there are, of which time, and whether something newer is published. */
import { Button, Group, Text, UnstyledButton } from "@mantine/core";
import { IconHistory, IconSparkles } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import type { View } from "@/api/queries/views-query";
import { isNarrowed, type Asked } from "@/features/views/asked";
import { countQuery } from "@/features/views/count-query";
import { snapshotsQuery } from "@/features/views/snapshots-query";
import type { useListing } from "@/features/views/use-listing";
import { formatCount } from "@/ui/numbers";
import { When } from "@/ui/when";

interface ListingStatusProps {
  /** As it was when its rows were opened. */
  view: View;
  asked: Asked;
  listing: ReturnType<typeof useListing>;
  isPast: boolean;
  isNewer: boolean;
  onNewest: () => void;
}

export function ListingStatus({ view, asked, listing, isPast, isNewer, onNewest }: ListingStatusProps) {
  const isOfNewest = view.snapshot_id === asked.snapshotId;
  const snapshots = useQuery({ ...snapshotsQuery(), enabled: !isOfNewest });
  const snapshot = snapshots.data?.find(({ snapshot_id }) => snapshot_id === asked.snapshotId);
  const total = isOfNewest ? view.rows : (snapshot?.views[view.name] ?? null);
  const publishedAt = isOfNewest ? view.published_at : (snapshot?.published_at ?? null);
  return (
    <Group justify="space-between" gap="xs" mih={28}>
      <Group gap={8} wrap="nowrap" miw={0}>
        <Rows asked={asked} listing={listing} total={total} />
        {publishedAt !== null && (
          <Text size="sm" c="dimmed" truncate>
            published <When at={publishedAt} size="sm" />
          </Text>
        )}
      </Group>
      <Group gap="xs">
        <span role="status">
          {(isNewer || isPast) && (
            <Button
              size="compact-sm"
              variant={isPast ? "default" : "light"}
              leftSection={isPast ? <IconHistory size={14} /> : <IconSparkles size={14} />}
              onClick={onNewest}
            >
              {isPast ? "An earlier time: show the newest" : "Newer data is published: show it"}
            </Button>
          )}
        </span>
        <Text size="xs" c="dimmed" visibleFrom="md">
          Arrows move, Enter opens the row, Ctrl C copies the cell
        </Text>
      </Group>
    </Group>
  );
}

const COUNTED_ALONE = 200_000;

interface RowsProps {
  asked: Asked;
  listing: ReturnType<typeof useListing>;
  /** Rows of the whole view; null where it is not known. */
  total: number | null;
}

function Rows({ asked, listing, total }: RowsProps) {
  // The listing that somebody wanted counted; another one is counted when it is wanted.
  const [wanted, setWanted] = useState("");
  const said = JSON.stringify([asked.q, asked.where, asked.snapshotId]);
  // Counting reads all rows; of a large view only when it is wanted.
  const isSmall = total !== null && total <= COUNTED_ALONE;
  const isOpen = isNarrowed(asked) && listing.rows !== undefined && !listing.isStale && !listing.isWhole;
  const count = useQuery({ ...countQuery(asked), enabled: wanted === said || (isSmall && isOpen) });
  const of = total === null ? "" : ` of ${formatCount(total)}`;
  const counted = listing.isWhole ? (listing.rows?.length ?? null) : (count.data ?? null);

  if (listing.rows === undefined && listing.error !== null) return <Words>No rows to show</Words>;
  if (!isNarrowed(asked)) return <Words>{total === null ? "Rows" : `${formatCount(total)} rows`}</Words>;
  if (counted !== null) return <Words>{`${formatCount(counted)}${of} rows fit`}</Words>;
  if (listing.rows === undefined || (count.isFetching && isSmall)) return <Words>{`Some${of} rows fit`}</Words>;
  return (
    <Words>
      {`At least ${formatCount(listing.rows.length)}${of} rows fit · `}
      <UnstyledButton
        fz="sm"
        fw={650}
        td="underline"
        onClick={() => (count.isError ? void count.refetch() : setWanted(said))}
        disabled={count.isFetching}
      >
        {count.isFetching ? "counting" : count.isError ? "Counting failed, try again" : "Count them"}
      </UnstyledButton>
    </Words>
  );
}

function Words({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" fw={600} component="div" style={{ whiteSpace: "nowrap" }}>
      {children}
    </Text>
  );
}
