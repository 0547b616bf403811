/** The form of a source once its kind is known; one that waits as an intent begins with what is stored of it. */
import { useQuery } from "@tanstack/react-query";

import { kindsQuery } from "@/features/connections/kinds-query";
import { waitingIntentsQuery } from "@/features/connections/intents-query";
import { SourceForm } from "@/features/connections/wizard/source-form";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { CardSkeleton } from "@/ui/skeletons";

interface StepSourceProps {
  kind: string;
  intentId: string;
  onBack: () => void;
  onConnected: (connectionId: string) => void;
}

export function StepSource({ kind, intentId, onBack, onConnected }: StepSourceProps) {
  const kinds = useQuery(kindsQuery());
  const intents = useQuery({ ...waitingIntentsQuery(), enabled: intentId !== "" });
  const failed = kinds.data === undefined ? kinds : intentId !== "" && intents.data === undefined ? intents : null;
  if (failed !== null && failed.error !== null)
    return <Failure error={failed.error} onRetry={() => void failed.refetch()} />;
  if (failed !== null || kinds.data === undefined) return <CardSkeleton lines={7} />;
  const known = kinds.data.find((each) => each.kind === kind);
  if (known === undefined)
    return <Empty title={`There is no kind of source called “${kind}”`}>Choose one first.</Empty>;
  const intent = intents.data?.find(({ id }) => id === intentId);
  return <SourceForm kind={known} intent={intent} onBack={onBack} onConnected={onConnected} />;
}
