/** How a connection is set up. What one began to edit stays, whoever changes it meanwhile. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Tagged } from "@/api/client";
import { useMay } from "@/api/queries/me-query";
import type { Connection } from "@/api/types";
import { EditForm } from "@/features/connections/detail/edit-form";
import { SetUp } from "@/features/connections/detail/set-up";
import { kindsQuery } from "@/features/connections/kinds-query";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { CardSkeleton } from "@/ui/skeletons";

export function EditPanel({ connection }: { connection: Tagged<Connection> }) {
  const mayWrite = useMay()("connections.write");
  const { data, error, refetch } = useQuery(kindsQuery());
  const [base, take] = useState(connection);
  if (!mayWrite) return <SetUp connection={connection.value} />;
  if (data === undefined)
    return error === null ? <CardSkeleton lines={9} /> : <Failure error={error} onRetry={() => void refetch()} />;
  const kind = data.find((each) => each.kind === connection.value.kind);
  if (kind === undefined) return <Empty title="Its kind of source is not offered any more" />;
  // Another tag is another form: nothing of the old one stays.
  return <EditForm key={base.tag} kind={kind} base={base} latest={connection} onTake={take} />;
}
