/** The bars as links, for keyboards and for who does not see them: each over its own, drawn only while it has the focus. */
import { Link } from "@tanstack/react-router";

import type { Load, Span } from "@/features/dashboard/loads";
import { syncsOfStep } from "@/features/dashboard/syncs-link";
import { formatCount } from "@/ui/numbers";
import classes from "./bar-links.module.css";

interface BarLinksProps {
  loads: readonly Load[];
  span: Span;
  nameOf: (at: number) => string;
}

export function BarLinks({ loads, span, nameOf }: BarLinksProps) {
  return (
    <ul
      aria-label="Records over time"
      className={classes.links}
      style={{ gridTemplateColumns: `repeat(${loads.length}, minmax(0, 1fr))` }}
    >
      {loads.map((load, index) => {
        if (load.syncs === 0) return null;
        const { to, search } = syncsOfStep(span, load.at);
        return (
          <li key={load.at} style={{ gridColumn: index + 1 }}>
            {/* Pages are a table, so the router does not know their searches by type. */}
            <Link
              to={to}
              search={search as never}
              className={classes.link}
              aria-label={inWords(nameOf(load.at), load)}
            />
          </li>
        );
      })}
    </ul>
  );
}

function inWords(name: string, { loaded, rejected, held, syncs }: Load): string {
  const ended = `${formatCount(syncs)} ${syncs === 1 ? "sync" : "syncs"}`;
  return `${name}: ${formatCount(loaded)} loaded, ${formatCount(rejected)} rejected, ${formatCount(held)} held in ${ended}`;
}
