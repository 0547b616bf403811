/** Which kind of source it is. */
import { SimpleGrid, Skeleton, Text, Title, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { KindIcon, kindLook } from "@/features/connections/kind-look";
import { kindsQuery, type SourceKind } from "@/features/connections/kinds-query";
import { Failure } from "@/ui/failure";
import classes from "./step-kind.module.css";

export function StepKind({ onChoose }: { onChoose: (kind: string) => void }) {
  const { data, error, refetch } = useQuery(kindsQuery());
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <Title order={2} size="h4" mb="md">
        What do you want to connect?
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2 }} aria-busy={data === undefined}>
        {data === undefined
          ? Array.from({ length: 4 }, (_, each) => <Skeleton key={each} height={104} radius="md" />)
          : data.map((kind) => <KindCard key={kind.kind} kind={kind} onChoose={() => onChoose(kind.kind)} />)}
      </SimpleGrid>
    </>
  );
}

function KindCard({ kind, onChoose }: { kind: SourceKind; onChoose: () => void }) {
  const look = kindLook(kind.kind);
  const able = [
    kind.capabilities.change_stream && "follows changes as they happen",
    !kind.capabilities.change_stream && kind.capabilities.incremental && "reads what changed",
    kind.capabilities.detects_deletes && "sees deletions",
    kind.capabilities.bulk && "reads in bulk",
    !kind.capabilities.has_credentials && "needs no credentials",
  ].filter((word) => word !== false);
  return (
    <UnstyledButton className={classes.card} onClick={onChoose}>
      <KindIcon kind={kind.kind} size={44} />
      <span className={classes.words}>
        <Text span display="block" fw={650}>
          {look.title}
        </Text>
        <Text span display="block" size="sm">
          {look.says ?? kind.description}
        </Text>
        <Text span display="block" size="xs" c="dimmed">
          {able.join(" · ")}
        </Text>
      </span>
    </UnstyledButton>
  );
}
