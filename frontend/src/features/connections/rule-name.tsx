/** Which field of the source fills which of the entity, and how it is read where that is not plainly. */
import { Code, Group, Text } from "@mantine/core";

interface RuleNameProps {
  source: string;
  /** undefined: it fills nothing. */
  target: string | undefined;
  kind: string | undefined;
}

// The green of a source, dark enough to be read as text.
const SOURCE_INK = "light-dark(var(--mantine-color-source-7), var(--mantine-color-source-4))";

export function RuleName({ source, target, kind }: RuleNameProps) {
  return (
    <Group gap={6} style={{ rowGap: 0 }}>
      <Text span size="sm" c={SOURCE_INK} fw={650} truncate maw="100%" title={source}>
        {source}
      </Text>
      {target !== undefined && (
        <>
          <Text span size="sm" c="dimmed" role="img" aria-label="fills" style={{ flex: "none" }}>
            →
          </Text>
          <Text span size="sm" c="entity" fw={650} truncate maw="100%" title={target}>
            {target}
          </Text>
        </>
      )}
      {kind !== undefined && kind !== "cast" && (
        <Code fz={11} style={{ flex: "none" }}>
          {kind}
        </Code>
      )}
    </Group>
  );
}
