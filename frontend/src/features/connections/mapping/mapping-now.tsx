/** What a stream's mapping leaves out, and the ways to change that. */
import { Button, Card, Stack, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useMay } from "@/api/queries/me-query";
import { mappingQuery } from "@/features/connections/mapping-query";
import { MapField } from "@/features/connections/mapping/map-field";
import { NameEntity } from "@/features/connections/mapping/name-entity";
import { UnmappedFields } from "@/features/connections/unmapped-fields";
import { Failure } from "@/ui/failure";
import { CardSkeleton } from "@/ui/skeletons";

export function MappingNow({ connectionId, stream }: { connectionId: string; stream: string }) {
  const mayMap = useMay()("mappings.write");
  const [isOpen, setOpen] = useState(false);
  const { data, error, refetch } = useQuery(mappingQuery(connectionId, stream));
  if (data === undefined)
    return error === null ? <CardSkeleton lines={2} /> : <Failure error={error} onRetry={() => void refetch()} />;
  if (data.value.entity === null) return <NameEntity mapping={data} />;
  return (
    <Stack gap="sm">
      <UnmappedFields connectionId={connectionId} stream={stream} />
      {mayMap && !isOpen && (
        <div>
          <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={() => setOpen(true)}>
            Map a field
          </Button>
        </div>
      )}
      {isOpen && (
        <Card withBorder padding="md" component="section" aria-label="Map a field">
          <Title order={3} size="h6" mb="sm">
            Map a field
          </Title>
          <MapField mapping={data} onDone={() => setOpen(false)} />
        </Card>
      )}
    </Stack>
  );
}
