/** A stream that fits no entity by itself: somebody says what its records are, and its view follows. */
import { Card, Select, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Tagged } from "@/api/client";
import { useMay } from "@/api/queries/me-query";
import { entitiesQuery } from "@/features/connections/entities-query";
import type { CurrentMapping } from "@/features/connections/mapping-query";
import { OntoEntity } from "@/features/connections/mapping/onto-entity";
import { OwnEntity } from "@/features/connections/mapping/own-entity";

// No entity may be called so: names begin with a letter.
const OWN = "+own";

export function NameEntity({ mapping }: { mapping: Tagged<CurrentMapping> }) {
  const mayMap = useMay()("mappings.write");
  const { data: entities } = useQuery({ ...entitiesQuery(), enabled: mayMap });
  const [chosen, choose] = useState<string | null>(null);
  const { stream } = mapping.value;
  const known = entities
    ?.filter(({ custom }) => !custom)
    .map(({ name, view }) => ({ value: name, label: `${name}, in the view ${view}` }));
  return (
    <Card withBorder padding="md" component="section" aria-label={`What ${stream} holds`}>
      <Title order={3} size="h6">
        What is one record of {stream}?
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {mayMap
          ? "Its name and fields do not tell, so its records fill no view yet. Say it, and they come in without asking the source again."
          : "Its name and fields do not tell, so its records fill no view yet. Owners, admins and approvers may say it."}
      </Text>
      {mayMap && (
        <Stack gap="md">
          <Select
            aria-label="What one record is"
            placeholder="Choose what it is"
            data={[
              { group: "Known here", items: known ?? [] },
              { group: "Other", items: [{ value: OWN, label: "Something of its own, with a view of its own" }] },
            ]}
            value={chosen}
            onChange={choose}
            allowDeselect={false}
            maw={420}
          />
          {chosen === OWN && <OwnEntity mapping={mapping.value} />}
          {chosen !== null && chosen !== OWN && <OntoEntity key={chosen} mapping={mapping} entity={chosen} />}
        </Stack>
      )}
    </Card>
  );
}
