/** Puts an earlier version of a mapping in force again. */
import { Button, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useState } from "react";

import { useMay } from "@/api/queries/me-query";
import type { MappingVersion } from "@/features/connections/mapping-versions-query";
import { useRollBackMapping } from "@/features/connections/use-roll-back-mapping";
import { Confirm } from "@/ui/confirm";

export function RollBack({ version: { connection_id, stream, version } }: { version: MappingVersion }) {
  const mayWrite = useMay()("mappings.write");
  const [isAsking, asking] = useDisclosure(false);
  const [note, setNote] = useState("");
  const rollBack = useRollBackMapping();
  if (!mayWrite) return null;
  return (
    <div>
      <Button variant="default" size="xs" leftSection={<IconArrowBackUp size={14} />} onClick={asking.open}>
        Put version {version} in force again
      </Button>
      <Confirm
        opened={isAsking}
        onClose={asking.close}
        title={`Version ${version} of ${stream} again?`}
        action="Put in force"
        onConfirm={() => rollBack.mutateAsync({ connectionId: connection_id, stream, version, note })}
      >
        <Stack gap="sm">
          <Text size="sm">
            Its rules become a new version. Repairs that came after it are taken back, and records are derived anew
            without asking the source.
          </Text>
          <Textarea
            label="Why"
            description="For whoever reads the history."
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            maxLength={2000}
            autosize
          />
        </Stack>
      </Confirm>
    </div>
  );
}
