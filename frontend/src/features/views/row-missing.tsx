/** A row that is not in this publication, or could not be read. */
import { ProblemError } from "@/api/problem";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";

export function RowMissing({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (error instanceof ProblemError && error.status === 404) {
    return (
      <Empty title="This row is not in this publication">
        It was deleted in its sources, joined into another row, or the publication is kept no more.
      </Empty>
    );
  }
  return <Failure error={error} onRetry={onRetry} />;
}
