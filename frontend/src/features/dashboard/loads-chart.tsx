/** Bars of the records of each hour or day. A chunk of its own, so that the figures do not wait for it. */
import { BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import { VisuallyHidden } from "@mantine/core";

import type { Load, Span } from "@/features/dashboard/loads";
import { formatCount, formatShort } from "@/ui/numbers";

const HOUR = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric" });
const SERIES = [
  { name: "loaded", label: "Loaded", color: "source.5" },
  { name: "rejected", label: "Rejected", color: "red.6" },
  { name: "held", label: "Held", color: "yellow.5" },
];

export default function LoadsChart({ loads, span }: { loads: readonly Load[]; span: Span }) {
  const words = span === "24h" ? HOUR : DAY;
  const data = loads.map((load) => ({ ...load, at: words.format(load.at) }));
  return (
    <>
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
        aria-hidden
      />
      <VisuallyHidden>
        <table>
          <caption>Records over time</caption>
          <tbody>
            {data.map((load) => (
              <tr key={load.at}>
                <th scope="row">{load.at}</th>
                <td>{formatCount(load.loaded)} loaded</td>
                <td>{formatCount(load.rejected)} rejected</td>
                <td>{formatCount(load.held)} held</td>
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </>
  );
}
