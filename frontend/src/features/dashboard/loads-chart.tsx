/** Bars of the records of each hour or day; each leads to its syncs. A chunk of its own: the figures do not wait for it. */
import { BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import { useNavigate } from "@tanstack/react-router";

import { BarLinks } from "@/features/dashboard/bar-links";
import type { Load, Span } from "@/features/dashboard/loads";
import { syncsOfStep } from "@/features/dashboard/syncs-link";
import { formatCount, formatShort } from "@/ui/numbers";
import classes from "./bar-links.module.css";

const HOUR = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric" });
const SERIES = [
  { name: "loaded", label: "Loaded", color: "source.5" },
  { name: "rejected", label: "Rejected", color: "red.6" },
  { name: "held", label: "Held", color: "yellow.5" },
];

export default function LoadsChart({ loads, span }: { loads: readonly Load[]; span: Span }) {
  const navigate = useNavigate();
  const words = span === "24h" ? HOUR : DAY;
  const data = loads.map((load) => ({ ...load, at: words.format(load.at) }));

  function open(index: number | undefined) {
    const load = index === undefined ? undefined : loads[index];
    if (load === undefined || load.syncs === 0) return;
    const { to, search } = syncsOfStep(span, load.at);
    void navigate({ to, search: search as never });
  }

  return (
    <div className={classes.chart}>
      <BarChart
        h={254}
        data={data}
        dataKey="at"
        type="stacked"
        series={SERIES}
        withLegend
        legendProps={{ verticalAlign: "top", height: 30 }}
        tickLine="none"
        maxBarWidth={34}
        valueFormatter={formatCount}
        yAxisProps={{ width: 48, tickFormatter: formatShort, allowDecimals: false }}
        xAxisProps={{ interval: "equidistantPreserveStart", minTickGap: 14 }}
        barProps={{ isAnimationActive: false }}
        barChartProps={{ onClick: ({ activeTooltipIndex }) => open(activeTooltipIndex), style: { cursor: "pointer" } }}
        aria-hidden
      />
      <BarLinks loads={loads} span={span} nameOf={(at) => words.format(at)} />
    </div>
  );
}
