/** Shapes over time: a lane a stream, a bar from a shape's first sight to its last; the approved one is marked. */
import { Text, UnstyledButton } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";

import { FIELDS } from "@/features/aam/fields";
import type { Fingerprint } from "@/features/aam/fingerprints-query";
import { shortDigest, standingOf, STANDING_WORDS } from "@/features/aam/shape-standing";
import { formatCount } from "@/ui/numbers";
import { SectionCard } from "@/ui/section-card";
import { useUrlState } from "@/ui/use-url-state";
import { When } from "@/ui/when";
import classes from "./shape-lanes.module.css";

const MOST_LANES = 10;
const LEAST_SHARE = 0.012;

interface ShapeLanesProps {
  shapes: readonly Fingerprint[];
  nameOf: (connectionId: string) => string;
}

export function ShapeLanes({ shapes, nameOf }: ShapeLanesProps) {
  const [, set] = useUrlState(FIELDS);
  const lanes = lanesOf(shapes);
  const shown = lanes.slice(0, MOST_LANES);
  const first = Math.min(...shapes.map((shape) => Date.parse(shape.first_seen_at)));
  const last = Math.max(...shapes.map((shape) => Date.parse(shape.last_seen_at)), first + 1);
  const share = (at: string) => (Date.parse(at) - first) / (last - first);
  return (
    <SectionCard
      title="Shapes over time"
      hint={
        lanes.length > shown.length
          ? `${formatCount(shown.length)} streams that changed last, of ${formatCount(lanes.length)}; the filters show others`
          : "A bar goes from the first sight of a shape to its last"
      }
    >
      <div className={classes.lanes}>
        <div className={classes.ends}>
          <When at={new Date(first).toISOString()} size="xs" />
          <When at={new Date(last).toISOString()} size="xs" />
        </div>
        {shown.map((lane) => (
          <div key={lane.key} className={classes.lane}>
            <Text size="xs" truncate title={`${lane.stream} in ${nameOf(lane.connectionId)}`}>
              {lane.stream}{" "}
              <Text span size="xs" c="dimmed">
                {nameOf(lane.connectionId)}
              </Text>
            </Text>
            <div className={classes.track}>
              {lane.shapes.map((shape) => {
                const start = Math.min(share(shape.first_seen_at), 1 - LEAST_SHARE);
                const length = Math.max(share(shape.last_seen_at) - start, LEAST_SHARE);
                return (
                  <UnstyledButton
                    key={shape.id}
                    className={classes.shape}
                    data-standing={standingOf(shape)}
                    style={{ left: `min(${start * 100}%, 100% - 9px)`, width: `${length * 100}%` }}
                    onClick={() => set({ shape: shape.id, against: "" }, true)}
                    aria-label={`${lane.stream}: shape ${shortDigest(shape.digest)}, ${shape.fields} fields, ${STANDING_WORDS[standingOf(shape)]}`}
                    title={`${shortDigest(shape.digest)} · ${shape.fields} fields · ${STANDING_WORDS[standingOf(shape)]}`}
                  >
                    {shape.is_baseline && <IconCheck size={11} aria-hidden />}
                  </UnstyledButton>
                );
              })}
            </div>
          </div>
        ))}
        <div className={classes.foot}>
          <ul className={classes.legend}>
            {(["approved", "earlier", "new"] as const).map((standing) => (
              <li key={standing}>
                <span className={classes.shape} data-standing={standing} aria-hidden>
                  {standing === "approved" && <IconCheck size={11} />}
                </span>
                {STANDING_WORDS[standing]}
              </li>
            ))}
          </ul>
        </div>
      </div>
    </SectionCard>
  );
}

interface Lane {
  key: string;
  connectionId: string;
  stream: string;
  shapes: Fingerprint[];
}

/** Newest first, as the shapes come. */
function lanesOf(shapes: readonly Fingerprint[]): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const shape of shapes) {
    const key = `${shape.connection_id} ${shape.stream}`;
    const lane = lanes.get(key) ?? { key, connectionId: shape.connection_id, stream: shape.stream, shapes: [] };
    lane.shapes.unshift(shape);
    lanes.set(key, lane);
  }
  return [...lanes.values()];
}
