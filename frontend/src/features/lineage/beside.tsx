/** A picture and the table that says the same: where there is little room the table comes first. */
import { Stack } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { ReactNode } from "react";

export function Beside({ picture, table }: { picture: ReactNode; table: ReactNode }) {
  const isNarrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  return (
    <Stack gap="md">
      {isNarrow ? table : picture}
      {isNarrow ? picture : table}
    </Stack>
  );
}
