/** Syncs and replays of every connection, live; each leads to its streams and notes. */
import { Group, Stack } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { itemsOf } from "@/api/queries/infinite";
import { useMay } from "@/api/queries/me-query";
import { moment } from "@/features/activity/ended-span";
import { SpanPill } from "@/features/activity/span-pill";
import { syncColumns } from "@/features/activity/sync-columns";
import { syncsQuery } from "@/features/activity/syncs-query";
import { DataTable } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { FilterSelect } from "@/ui/filter-select";
import { LoadMore } from "@/ui/load-more";
import { isWaiting } from "@/ui/run-status";
import { oneOf, useUrlState } from "@/ui/use-url-state";

const STATUSES = ["requested", "queued", "running", "succeeded", "failed", "canceled"] as const;
const KINDS = ["sync", "replay"] as const;
const FIELDS = { sync: oneOf(STATUSES, null), kind: oneOf(KINDS, null), since: moment(), until: moment() };

export function SyncsPanel() {
  const [{ sync: status, kind, since, until }, set] = useUrlState(FIELDS);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    syncsQuery({ status, kind, since, until }),
  );
  const navigate = useNavigate();
  const mayCancel = useMay()("tasks.write");
  const rows = itemsOf(data);
  const isSpan = since !== "" || until !== "";
  const isFiltered = isSpan || status !== null || kind !== null;
  return (
    <Stack gap="md">
      <Group gap="sm">
        <FilterSelect
          label="State"
          all="Every state"
          options={STATUSES.map((value) => ({ value, label: value === "requested" ? "asked for" : value }))}
          value={status}
          onChange={(next) => set({ sync: next })}
        />
        <FilterSelect
          label="Kind"
          all="Every kind"
          options={KINDS.map((value) => ({ value, label: value }))}
          value={kind}
          onChange={(next) => set({ kind: next })}
          width={160}
        />
        <SpanPill since={since} until={until} onRemove={() => set({ since: "", until: "" })} />
      </Group>
      <DataTable
        label="Syncs"
        columns={syncColumns(mayCancel && rows?.some((each) => isWaiting(each.status)) === true)}
        rows={rows}
        rowKey={(sync) => sync.id}
        error={error}
        onRetry={() => void refetch()}
        onOpen={(sync) =>
          void navigate({ to: `/connections/${sync.connection_id}`, search: { tab: "runs", run: sync.id } as never })
        }
        minWidth={740}
        phoneWidth={320}
        rowHeight={56}
        likely={10}
        empty={
          <Empty
            title={
              isSpan ? "No sync ended in this span" : isFiltered ? "No sync stands there" : "Nothing was synced yet"
            }
            icon={<IconRefresh size={24} stroke={1.6} />}
          >
            {isFiltered
              ? isSpan && "Take the span away to see every sync."
              : "Connect a source: its syncs appear here, by schedule or by hand."}
          </Empty>
        }
      />
      {rows !== undefined && rows.length > 0 && (
        <LoadMore
          hasMore={hasNextPage}
          isLoading={isFetchingNextPage}
          onMore={() => void fetchNextPage()}
          end={isSpan ? "These are all that ended then." : "These are all."}
        />
      )}
    </Stack>
  );
}
