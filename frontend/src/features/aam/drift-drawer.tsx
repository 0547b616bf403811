/** The evidence of one change: what it was and is, what it breaks, real records, and taking it as it is. */
import { Drawer, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { DriftEvidence } from "@/features/aam/drift-evidence";
import { driftQuery } from "@/features/aam/drift-query";
import { FIELDS } from "@/features/aam/fields";
import { changeTitle, kindName } from "@/ui/change-words";
import { Failure } from "@/ui/failure";
import { CardSkeleton } from "@/ui/skeletons";
import { useUrlState } from "@/ui/use-url-state";

export function DriftDrawer() {
  const [{ drift: id }, set] = useUrlState(FIELDS);
  const { data, error, refetch } = useQuery({ ...driftQuery(id), enabled: id !== "" });
  const title =
    data === undefined
      ? "Drift"
      : `${kindName(data.kind)}: ${changeTitle(data.fields_before, data.fields_after) || data.stream}`;
  return (
    <Drawer
      opened={id !== ""}
      onClose={() => set({ drift: "" })}
      title={title}
      position="right"
      size="min(760px, 100vw)"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {data !== undefined ? (
        <DriftEvidence event={data} />
      ) : error !== null ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <Stack gap="md">
          <CardSkeleton lines={4} />
          <CardSkeleton lines={6} />
        </Stack>
      )}
    </Drawer>
  );
}
