/** The parts where there is no room for a picture, by what they are for. */
import { SimpleGrid, Stack, Title } from "@mantine/core";

import type { Known } from "@/features/architecture/known";
import { stateOf } from "@/features/architecture/part-state";
import { PartCard } from "@/features/architecture/part-card";
import { GROUPS, PARTS, type Group } from "@/features/architecture/parts";

interface PartListProps {
  known: Known;
  openId: string;
  onOpen: (id: string) => void;
}

const ORDER = Object.keys(GROUPS) as Group[];

export function PartList({ known, openId, onOpen }: PartListProps) {
  return (
    <Stack gap="lg">
      {ORDER.map((group) => (
        <section key={group} aria-label={GROUPS[group]}>
          <Title order={2} size="h6" mb={6} c="dimmed">
            {GROUPS[group]}
          </Title>
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing={8} verticalSpacing={8}>
            {PARTS.filter((part) => part.group === group).map((part) => (
              <PartCard
                key={part.id}
                part={part}
                state={stateOf(part, known)}
                isOpen={part.id === openId}
                onOpen={onOpen}
              />
            ))}
          </SimpleGrid>
        </section>
      ))}
    </Stack>
  );
}
