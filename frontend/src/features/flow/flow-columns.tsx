/** The picture where there is no room for it side by side: the same flow from top to bottom. */
import { Fragment, useContext, useSyncExternalStore } from "react";

import type { Column, Picture } from "@/features/flow/picture";
import { PlaceCard } from "@/features/flow/place-card";
import { PulseContext } from "@/features/flow/pulse-context";
import { MOVE_MS } from "@/features/flow/pulses";
import { formatCount } from "@/ui/numbers";
import classes from "./flow-columns.module.css";

export function FlowColumns({ picture }: { picture: Picture }) {
  return (
    <div className={classes.flow}>
      {picture.columns.map((column, at) => {
        const next = picture.columns[at + 1];
        return (
          <Fragment key={column.title}>
            <Section column={column} />
            {next !== undefined && <Between from={column} to={next} />}
          </Fragment>
        );
      })}
    </div>
  );
}

function Section({ column: { title, about, count, box, places } }: { column: Column }) {
  const isStages = places.some(({ stage }) => stage !== undefined);
  return (
    <section aria-label={title} className={classes.section} data-box={box}>
      <h2 className={classes.heading}>
        {title} <span className={classes.about}>{about ?? (count === undefined ? "" : formatCount(count))}</span>
      </h2>
      <ul className={classes.places} data-kind={isStages ? "stages" : "ends"}>
        {places.map((place) => (
          <li key={place.id}>
            <PlaceCard place={place} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What moves from one column to the next moves along this one line. */
function Between({ from, to }: { from: Column; to: Column }) {
  const store = useContext(PulseContext);
  const { lines } = useSyncExternalStore(store.subscribe, store.read);
  const ids = (column: Column) => new Set([column.box, ...column.places.map(({ id }) => id)]);
  const [before, after] = [ids(from), ids(to)];
  const moving = [...lines].flatMap(([line, pulses]) => {
    const [start = "", end = ""] = line.split(">");
    return before.has(start) && after.has(end) ? pulses : [];
  });
  const newest = moving.at(-1);
  return (
    <div className={classes.between} data-lit={newest?.tone} aria-hidden>
      {[...new Map(moving.map((pulse) => [pulse.key, pulse])).values()].map(({ key, tone, delayMs }) => (
        <i
          key={key}
          className={classes.drop}
          data-lit={tone}
          style={{ animationDuration: `${MOVE_MS}ms`, animationDelay: `${delayMs}ms` }}
        />
      ))}
    </div>
  );
}
