/** The rules that would map a stream onto an entity; those that one wants are put in force. */
import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Tagged } from "@/api/client";
import type { CurrentMapping } from "@/features/connections/mapping-query";
import type { ProposedMapping } from "@/features/connections/proposed-mapping-query";
import { proposedOntoQuery } from "@/features/connections/proposed-onto-query";
import { RefusalFailure } from "@/features/connections/refusal-failure";
import { RuleName } from "@/features/connections/rule-name";
import { asWritten, useWriteMapping } from "@/features/connections/use-write-mapping";
import { DataTable, type Column } from "@/ui/data-table";
import { Empty } from "@/ui/empty";
import { formatCount } from "@/ui/numbers";
import { Probability } from "@/ui/probability";

type Rule = ProposedMapping["rules"][number];

export function OntoEntity({ mapping, entity }: { mapping: Tagged<CurrentMapping>; entity: string }) {
  const { connection_id: connectionId, stream } = mapping.value;
  const { data, error, refetch } = useQuery(proposedOntoQuery(connectionId, stream, entity));
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const write = useWriteMapping(connectionId, stream);
  const applyAt = data?.apply_at ?? 1;
  // What is sure enough is wanted until somebody turns it off, and the other way round.
  const isWanted = (rule: Rule) => rule.probability >= applyAt !== turned.has(rule.line);
  const wanted = data?.rules.filter(isWanted) ?? [];
  function turn(rule: Rule) {
    const next = new Set(turned);
    if (!next.delete(rule.line)) next.add(rule.line);
    setTurned(next);
  }
  if (error !== null && data === undefined) return <RefusalFailure error={error} onRetry={() => void refetch()} />;
  return (
    <Stack gap="sm">
      <DataTable
        label={`Rules onto ${entity}`}
        columns={columns(applyAt, isWanted, turn)}
        rows={data?.rules}
        rowKey={({ line }) => line}
        rowHeight={44}
        minWidth={320}
        maxHeight={380}
        empty={<Empty title={`No field of it looks like one of ${entity}`}>Give it a view of its own instead.</Empty>}
      />
      {data !== undefined && data.unmapped.length > 0 && (
        <Text size="sm" c="dimmed">
          Nothing fits {data.unmapped.join(", ")}.
        </Text>
      )}
      {write.error !== null && <RefusalFailure error={write.error} />}
      <Group>
        <Button
          leftSection={<IconCheck size={16} />}
          disabled={wanted.length === 0}
          loading={write.isPending}
          onClick={() => write.mutate({ rules: wanted.map(asWritten), entity, tag: mapping.tag })}
        >
          {wanted.length === 1 ? "Map 1 field" : `Map ${formatCount(wanted.length)} fields`}
        </Button>
      </Group>
    </Stack>
  );
}

function columns(applyAt: number, isWanted: (rule: Rule) => boolean, turn: (rule: Rule) => void): Column<Rule>[] {
  return [
    {
      key: "wanted",
      header: "",
      width: "44px",
      cell: (rule) => <Checkbox aria-label={`Map ${rule.line}`} checked={isWanted(rule)} onChange={() => turn(rule)} />,
    },
    {
      key: "rule",
      header: "Field, and what it fills",
      cell: (rule) => <RuleName source={rule.source} target={rule.target} kind={rule.transform.kind} />,
    },
    {
      key: "probability",
      header: "Probability",
      width: "138px",
      cell: ({ probability }) => <Probability value={probability} applyAt={applyAt} />,
    },
  ];
}
