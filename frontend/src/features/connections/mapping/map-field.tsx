/** One more rule for a stream: which of its fields fills which, tried on records before it counts. */
import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Tagged } from "@/api/client";
import { entitiesQuery } from "@/features/connections/entities-query";
import type { CurrentMapping } from "@/features/connections/mapping-query";
import { READINGS } from "@/features/connections/mapping/readings";
import { RulePreview } from "@/features/connections/mapping/rule-preview";
import { RefusalFailure } from "@/features/connections/refusal-failure";
import { asWritten, useWriteMapping } from "@/features/connections/use-write-mapping";
import { targetOptions } from "@/features/connections/mapping/target-options";

interface MapFieldProps {
  mapping: Tagged<CurrentMapping>;
  onDone: () => void;
}

export function MapField({ mapping: { value: mapping, tag }, onDone }: MapFieldProps) {
  const { connection_id: connectionId, stream, entity, rules, unmapped } = mapping;
  const { data: entities } = useQuery(entitiesQuery());
  const [source, setSource] = useState<string | null>(unmapped[0] ?? null);
  const [target, setTarget] = useState<string | null>(null);
  const [reading, setReading] = useState("cast");
  const write = useWriteMapping(connectionId, stream);
  const transform = READINGS.find(({ value }) => value === reading)?.transform ?? { kind: "cast", args: {} };
  const mapped = [...new Set(rules.map((rule) => rule.source))].filter((name) => !unmapped.includes(name));
  const isFilled = rules.some((rule) => rule.target === target);
  const wanted =
    source === null || target === null ? null : [...rules.map(asWritten), { source, target, transform, since: 0 }];
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
        <Select
          label={`Field of ${stream}`}
          data={[
            { group: "Fill nothing yet", items: unmapped },
            { group: "Mapped already", items: mapped },
          ].filter(({ items }) => items.length > 0)}
          value={source}
          onChange={setSource}
          searchable
          allowDeselect={false}
          miw={180}
        />
        <Select
          label={`Fills, of ${entity ?? "the entity"}`}
          placeholder="Choose a field"
          data={targetOptions(entities, entity, rules)}
          value={target}
          onChange={setTarget}
          searchable
          allowDeselect={false}
          miw={180}
        />
        <Select
          label="How it is read"
          data={READINGS.map(({ value, label }) => ({ value, label }))}
          value={reading}
          onChange={(next) => next !== null && setReading(next)}
          allowDeselect={false}
          miw={180}
        />
      </Group>
      {isFilled && (
        <Text size="sm" c="dimmed">
          {target} is filled already: this fills it where the rules before it leave it empty.
        </Text>
      )}
      {wanted !== null && <RulePreview connectionId={connectionId} stream={stream} rules={wanted} entity={entity} />}
      {write.error !== null && <RefusalFailure error={write.error} />}
      <Group gap="sm">
        <Button
          leftSection={<IconCheck size={16} />}
          disabled={wanted === null}
          loading={write.isPending}
          onClick={() => wanted !== null && write.mutate({ rules: wanted, entity: null, tag }, { onSuccess: onDone })}
        >
          Put in force
        </Button>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}
