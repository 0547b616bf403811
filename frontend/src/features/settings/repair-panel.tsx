/** The settings of repairs once they are there. */
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Tagged } from "@/api/client";
import { RepairForm } from "@/features/settings/repair-form";
import { repairSettingsQuery, type RepairSettings } from "@/api/queries/repair-settings-query";
import { Failure } from "@/ui/failure";
import { CardSkeleton } from "@/ui/skeletons";

export function RepairPanel() {
  const { data, error, refetch } = useQuery(repairSettingsQuery());
  if (data !== undefined) return <Kept latest={data} />;
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <Stack gap="md">
      <CardSkeleton lines={8} />
      <CardSkeleton lines={6} />
    </Stack>
  );
}

/** What one began to edit stays, whoever changes it meanwhile. */
function Kept({ latest }: { latest: Tagged<RepairSettings> }) {
  const [base, take] = useState(latest);
  // Another tag is another form: nothing of the old one stays.
  return <RepairForm key={base.tag} base={base} latest={latest} onTake={take} />;
}
