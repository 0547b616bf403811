/** One shape: how it differs from the approved or the earlier one, and its fields. */
import { Drawer, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { ProblemError } from "@/api/problem";
import { FIELDS } from "@/features/aam/fields";
import { fingerprintQuery } from "@/features/aam/fingerprint-query";
import type { Fingerprint } from "@/features/aam/fingerprints-query";
import { ShapeChanges } from "@/features/aam/shape-changes";
import { shapeDiffQuery } from "@/features/aam/shape-diff-query";
import { isSample, shapeDigest, shortDigest, standingOf, STANDING_WORDS } from "@/features/aam/shape-standing";
import { ShapeFields } from "@/features/aam/shape-fields";
import { Failure } from "@/ui/failure";
import { SectionCard } from "@/ui/section-card";
import { CardSkeleton } from "@/ui/skeletons";
import { useUrlState } from "@/ui/use-url-state";

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

interface ShapeDrawerProps {
  shapes: readonly Fingerprint[];
  nameOf: (connectionId: string) => string;
}

export function ShapeDrawer({ shapes, nameOf }: ShapeDrawerProps) {
  const [{ shape: id, against }, set] = useUrlState(FIELDS);
  const { data: shape, error, refetch } = useQuery({ ...fingerprintQuery(id), enabled: id !== "" });
  const diff = useQuery({ ...shapeDiffQuery(id, against || null), enabled: id !== "" });
  const noneApproved = diff.error instanceof ProblemError && diff.error.status === 404;
  const others = shapes.filter(
    (each) => each.id !== id && each.stream === shape?.stream && each.connection_id === shape.connection_id,
  );
  return (
    <Drawer
      opened={id !== ""}
      onClose={() => set({ shape: "", against: "" })}
      title={shape === undefined ? "Shape" : `${shape.stream} in ${nameOf(shape.connection_id)}`}
      position="right"
      size="min(760px, 100vw)"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {shape !== undefined ? (
        <Stack gap="md">
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            Shape {shapeDigest(shape.digest)}, {STANDING_WORDS[standingOf(shape)]}
            {isSample(shape.digest) && ", of a sample"}
          </Text>
          <SectionCard
            title="What differs"
            actions={
              <Select
                size="xs"
                aria-label="Compared with"
                data={[
                  { value: "", label: "from the approved shape" },
                  ...others.map((each) => ({
                    value: each.id,
                    label: `from ${shortDigest(each.digest)}, seen ${DAY.format(new Date(each.first_seen_at))}`,
                  })),
                ]}
                value={against}
                onChange={(next) => set({ against: next ?? "" })}
                allowDeselect={false}
                w={230}
              />
            }
          >
            {diff.data !== undefined ? (
              <ShapeChanges changes={diff.data} />
            ) : noneApproved ? (
              <Text size="sm" c="dimmed">
                No shape of this stream is approved, so there is nothing to compare with.
              </Text>
            ) : diff.error !== null ? (
              <Failure error={diff.error} onRetry={() => void diff.refetch()} />
            ) : (
              <CardSkeleton lines={3} />
            )}
          </SectionCard>
          <ShapeFields fields={shape.shape} rows={shape.rows} keys={shape.primary_key} mode={shape.mode} />
        </Stack>
      ) : error !== null ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <CardSkeleton lines={8} />
      )}
    </Drawer>
  );
}
