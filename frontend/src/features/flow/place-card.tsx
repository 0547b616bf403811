/** One place of the picture: what it is, how it is doing in words, and a flash when something happens there. */
import { IconBroadcast, IconDatabaseImport, IconSparkles, IconTable } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import type { Place } from "@/features/flow/picture";
import { usePlaceTone } from "@/features/flow/pulse-context";
import { TONES } from "@/ui/tones";
import { When } from "@/ui/when";
import classes from "./flow.module.css";

const ICONS = { source: IconDatabaseImport, entity: IconTable, insight: IconSparkles, none: IconBroadcast };

export function PlaceCard({ place }: { place: Place }) {
  const lit = usePlaceTone(place.id);
  const Icon = ICONS[place.hue];
  const tone = place.tone === null ? null : TONES[place.tone];
  const inside: ReactNode = (
    <>
      <Icon className={classes.hue} size={18} stroke={1.7} aria-hidden />
      <span className={classes.words}>
        <span className={classes.title} title={place.title}>
          {place.title}
        </span>
        <span className={classes.says}>
          {place.says}
          {place.at !== undefined && (
            <>
              , <When at={place.at} />
            </>
          )}
        </span>
      </span>
      {tone !== null && (
        <span className={classes.tone} style={{ color: `var(--mantine-color-${tone.colour}-light-color)` }} aria-hidden>
          <tone.icon size={14} className={place.tone === "busy" ? classes.turning : undefined} />
        </span>
      )}
    </>
  );
  const look = { className: classes.place, "data-hue": place.hue, "data-lit": lit };
  return place.to === null ? (
    <div {...look}>{inside}</div>
  ) : (
    <Link to={place.to} {...look}>
      {inside}
    </Link>
  );
}
