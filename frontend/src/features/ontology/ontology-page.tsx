/** Which sources fill which entities, field by field, and the views people read. */
import { Button, Stack } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconHierarchy2 } from "@tabler/icons-react";
import { useQuery, type QueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";

import { Diagram } from "@/features/ontology/diagram";
import { FieldTable } from "@/features/ontology/field-table";
import { ontologyQuery } from "@/features/ontology/ontology-query";
import { streamsOf } from "@/features/ontology/streams";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { Page } from "@/ui/page";
import { PictureSkeleton } from "@/ui/picture-skeleton";

export const loader = (client: QueryClient): void => void client.prefetchQuery(ontologyQuery());

export default function OntologyPage() {
  const { data, error, refetch } = useQuery(ontologyQuery());
  const streams = useMemo(() => data && streamsOf(data), [data]);
  const isNarrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const diagram =
    data === undefined || streams === undefined ? <PictureSkeleton /> : <Diagram ontology={data} streams={streams} />;

  return (
    <Page title="Ontology" subtitle="Which sources fill which entities, and the views that people and programs read">
      {error !== null && data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : streams?.length === 0 ? (
        <Nothing />
      ) : (
        <Stack gap="md">
          {!isNarrow && diagram}
          {(isNarrow || data !== undefined) && <FieldTable streams={streams} />}
          {isNarrow && diagram}
        </Stack>
      )}
    </Page>
  );
}

function Nothing() {
  return (
    <Empty
      title="No stream is mapped yet"
      icon={<IconHierarchy2 size={24} stroke={1.6} />}
      action={
        <Button variant="default" renderRoot={(props) => <Link to="/connections" {...props} />}>
          Go to connections
        </Button>
      }
    >
      When a connection syncs for the first time, its streams are matched with entities, field by field. The result is
      drawn here.
    </Empty>
  );
}
