/** The steps that a value is followed by. */
import { Code, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";

import type { Cell, Contribution, SourceSide } from "@/api/queries/row-queries";
import { readable } from "@/ui/cell-text";
import { LongText } from "@/ui/long-text";
import { PageLink } from "@/ui/page-link";
import { Probability } from "@/ui/probability";
import { transformInWords } from "@/ui/transform-words";
import { When } from "@/ui/when";
import classes from "./value-trail.module.css";

const MOST_OTHERS = 4;

export function RecordStep({ given, raw }: { given: Contribution; raw: SourceSide["raw"] }) {
  const { connection, connection_id, stream, record_id, updated_at, rules } = given;
  const fields = [...new Set(rules.map(({ source }) => source))];
  return (
    <Step tone="source" title="Source record">
      <Text size="sm">
        {connection === null ? (
          "Deleted connection"
        ) : (
          <PageLink to={`/connections/${connection_id}`} fw={600}>
            {connection}
          </PageLink>
        )}{" "}
        · {stream ?? "a stream that cannot be told"}
      </Text>
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        record {readable(record_id)}
        {updated_at !== null && (
          <>
            , changed <When at={updated_at} size="xs" />
          </>
        )}
      </Text>
      {raw === null && (
        <Text size="xs" c="dimmed" mt={8}>
          As it came it is kept no more.
        </Text>
      )}
      {raw !== null &&
        fields.map((name) => (
          <div key={name} className={classes.line}>
            <Text size="xs" c="dimmed">
              <Code>{name}</Code> as it came
            </Text>
            <span className={classes.value}>
              <LongText text={raw[name] ?? "no value"} />
            </span>
          </div>
        ))}
    </Step>
  );
}

export function RuleStep({ given: { mapping_version, rules }, column }: { given: Contribution; column: string }) {
  return (
    <Step tone="entity" title={`Mapping version ${mapping_version}`}>
      {rules.length === 0 && <Text size="sm">It tells no rule for this column.</Text>}
      {rules.map((rule) => (
        <div key={`${rule.source} ${JSON.stringify(rule.transform)}`} className={classes.line}>
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            <Code>{rule.source}</Code> → <b>{column}</b>
          </Text>
          <Text size="xs" c="dimmed">
            {transformInWords(rule.transform)}, decided by {rule.decided_by}
          </Text>
          <Probability value={rule.probability} />
        </div>
      ))}
    </Step>
  );
}

export function CellStep({ cell: { value, winner, others }, say }: { cell: Cell; say: (value: unknown) => string }) {
  const shown = others.slice(0, MOST_OTHERS);
  return (
    <Step tone="insight" title="Value in the view">
      <span className={classes.value}>
        <LongText text={say(value) || "no value"} />
      </span>
      {winner === null && (
        <Text size="sm" mt={8}>
          {value === null ? "No source record of this row has a value here." : "No single source record tells it."}
        </Text>
      )}
      {shown.length > 0 && (
        <Text size="xs" c="dimmed" mt={8}>
          {winner === null ? "These were set aside:" : "These gave way to it:"}
        </Text>
      )}
      {shown.map((other) => (
        <Group key={`${other.connection_id} ${other.stream ?? ""} ${other.record_id}`} gap={6} wrap="nowrap">
          <Text size="xs" c="dimmed" style={{ flex: "none" }}>
            {other.connection ?? "deleted connection"}
          </Text>
          <Text size="xs" truncate title={say(other.value)}>
            {say(other.value) || "no value"}
          </Text>
        </Group>
      ))}
      {others.length > shown.length && (
        <Text size="xs" c="dimmed">
          and {others.length - shown.length} more
        </Text>
      )}
    </Step>
  );
}

function Step({
  tone,
  title,
  children,
}: {
  tone: "source" | "entity" | "insight";
  title: string;
  children: ReactNode;
}) {
  return (
    <li className={classes.step} data-tone={tone}>
      <Text size="xs" fw={650} c="dimmed" mb={4}>
        {title}
      </Text>
      {children}
    </li>
  );
}
