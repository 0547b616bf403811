/** When sources changed, by how grave it was or by what kind of change. */
import { SegmentedControl, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { countSteps, totalsOf } from "@/features/aam/count-steps";
import { driftSinceQuery, type DriftSince } from "@/features/aam/drift-since-query";
import { FIELDS } from "@/features/aam/fields";
import { StepsChart, type Series } from "@/features/aam/steps-chart";
import { useSince } from "@/features/aam/use-since";
import { CHANGE_KINDS, kindName, SEVERITIES, SEVERITY_LOOK } from "@/ui/change-words";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/failure";
import { formatCount } from "@/ui/numbers";
import { SectionCard } from "@/ui/section-card";
import { useUrlState } from "@/ui/use-url-state";

const KIND_COLOURS = [
  "entity.5", "insight.5", "source.5", "orange.5", "red.5", "cyan.6", "yellow.6", "pink.5", "gray.6",
]; // prettier-ignore

export function DriftTimeline() {
  const [{ by }, set] = useUrlState(FIELDS);
  const { since } = useSince();
  const { data, error, refetch, dataUpdatedAt } = useQuery(driftSinceQuery(since));
  return (
    <SectionCard
      title="Drift over time"
      hint={
        data?.isCut === true
          ? `The newest ${formatCount(data.events.length)} of the span; older ones are left out.`
          : "Changes of sources by when they were first seen"
      }
      actions={
        <SegmentedControl
          size="xs"
          aria-label="What the bars are made of"
          data={[
            { value: "severity", label: "Severity" },
            { value: "kind", label: "Kind" },
          ]}
          value={by}
          onChange={(next) => set({ by: next as typeof by })}
        />
      }
    >
      {data !== undefined ? (
        <Bars data={data} until={dataUpdatedAt} />
      ) : error !== null ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton height={278} aria-busy data-state="loading" />
      )}
    </SectionCard>
  );
}

/** `until`: when it was asked for; later steps are not known. */
function Bars({ data, until }: { data: DriftSince; until: number }) {
  const [{ by, span }, set] = useUrlState(FIELDS);
  const { since, step } = useSince();
  if (data.events.length === 0)
    return (
      <Empty title="No source changed in this span">
        <Text span size="sm">
          Every sync compares the shape of a source with the approved one; what differs comes here.
        </Text>
      </Empty>
    );
  const happened = data.events.map((event) => ({ at: event.first_seen_at, series: event[by], count: 1 }));
  const totals = totalsOf(happened);
  const series: Series[] =
    by === "severity"
      ? SEVERITIES.filter((name) => totals.has(name)).map((name) => ({
          name,
          label: SEVERITY_LOOK[name].word,
          colour: SEVERITY_LOOK[name].colour,
          total: totals.get(name) ?? 0,
        }))
      : CHANGE_KINDS.filter((name) => totals.has(name)).map((name, at) => ({
          name,
          label: kindName(name).toLowerCase(),
          colour: KIND_COLOURS[at % KIND_COLOURS.length] ?? "gray.6",
          total: totals.get(name) ?? 0,
        }));
  return (
    <StepsChart
      label="Drift over time"
      steps={countSteps(happened, since, until, step)}
      series={series}
      step={step}
      rowsOf={(place) => ({
        to: "/aam",
        search: {
          tab: "drift",
          span,
          ...(place.step !== undefined && { at: place.step }),
          ...(place.series !== undefined && { [by]: place.series }),
        },
      })}
      onStep={(at) => set({ tab: "drift", at }, true)}
    />
  );
}
