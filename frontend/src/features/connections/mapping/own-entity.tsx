/** An entity of the organisation's own, made from a stream: a name, and its view is filled with all of its fields. */
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconTablePlus } from "@tabler/icons-react";
import { useState } from "react";

import type { CurrentMapping } from "@/features/connections/mapping-query";
import { plainName } from "@/features/connections/mapping/plain-name";
import { RefusalFailure } from "@/features/connections/refusal-failure";
import { useDeclareEntity } from "@/features/connections/use-declare-entity";
import { formatCount } from "@/ui/numbers";

const FITS = /^[a-z][a-z0-9_]{0,62}$/;

export function OwnEntity({ mapping: { connection_id, stream, unmapped } }: { mapping: CurrentMapping }) {
  const [name, setName] = useState(() => plainName(stream));
  const declare = useDeclareEntity();
  const fits = FITS.test(name);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (fits) declare.mutate({ connection_id, stream, name, fields: [], replace: false });
      }}
    >
      <Stack gap="sm">
        <TextInput
          label="One of its records is called"
          description="Its view has the plural of it."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fits || name === "" ? undefined : "Small letters, digits and underscores, beginning with a letter"}
          autoComplete="off"
          spellCheck={false}
          maxLength={63}
          maw={420}
        />
        <Text size="sm" c="dimmed">
          {unmapped.length === 1
            ? "Its one field becomes a column"
            : `Its ${formatCount(unmapped.length)} fields become columns`}
          , each in the type that its values have.
        </Text>
        {declare.error !== null && <RefusalFailure error={declare.error} />}
        <Group>
          <Button type="submit" leftSection={<IconTablePlus size={16} />} disabled={!fits} loading={declare.isPending}>
            Make the view
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
