/** One view. */
import { useQuery, type QueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";

import { ProblemError } from "@/api/problem";
import { coverageQuery } from "@/api/queries/coverage-query";
import { columnTitle } from "@/features/views/columns";
import { OpenedView } from "@/features/views/opened-view";
import { viewQuery } from "@/features/views/view-query";
import { ViewSkeleton } from "@/features/views/view-skeleton";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { Page } from "@/ui/page";
import { PageLink } from "@/ui/page-link";

export const loader = (client: QueryClient, params: Record<string, string>): void => {
  void client.prefetchQuery(viewQuery(params["view"] ?? ""));
  void client.prefetchQuery(coverageQuery());
};

export default function ViewPage() {
  const params: Record<string, string | undefined> = useParams({ strict: false });
  const name = params["view"] ?? "";
  const { data, error, refetch, isFetching, isFetchedAfterMount } = useQuery(viewQuery(name));
  // Columns that are empty everywhere are not shown at first; without the counts all are.
  const coverage = useQuery(coverageQuery());

  if (data !== undefined && !coverage.isPending) {
    const counted = coverage.data?.views.find(({ view }) => view === name)?.columns;
    const isSettled = isFetchedAfterMount || !isFetching;
    return <OpenedView key={name} view={data} isSettled={isSettled} counted={counted} />;
  }
  return (
    <Page title={columnTitle(name)} subtitle={<PageLink to="/views">All views</PageLink>}>
      {error instanceof ProblemError && error.status === 404 ? (
        <Empty title={`There is no view “${name}”`}>
          It may have been retired, or it belongs to another organisation of yours.
        </Empty>
      ) : error !== null ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <ViewSkeleton />
      )}
    </Page>
  );
}
