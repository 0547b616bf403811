/** The picture where there is no room for it: its places under each other, in the order of the flow. */
import { Stack, Title } from "@mantine/core";

import type { Picture } from "@/features/flow/picture";
import { PlaceCard } from "@/features/flow/place-card";
import classes from "./flow.module.css";

export function FlowColumns({ picture }: { picture: Picture }) {
  return (
    <Stack gap="lg">
      {picture.columns.map(({ title, places }) => (
        <section key={title} aria-label={title}>
          <Title order={2} size="h6" mb={6} c="dimmed">
            {title}
          </Title>
          <ul className={classes.column}>
            {places.map((place) => (
              <li key={place.id}>
                <PlaceCard place={place} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Stack>
  );
}
