/** One place of the picture: what it is, how it is doing in words, and a flash when something happens there. */
import { VisuallyHidden } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useContext, type HTMLAttributes, type ReactNode } from "react";

import { Ago } from "@/features/flow/ago";
import { LookedAtContext } from "@/features/flow/looked-at";
import type { Place } from "@/features/flow/picture";
import type { Stage } from "@/features/flow/places";
import { usePlaceTone } from "@/features/flow/pulse-context";
import { TONES } from "@/ui/tones";
import classes from "./place-card.module.css";

interface PlaceCardProps {
  place: Place;
  /** In one line, where many stand under each other. */
  isCompact?: boolean;
}

export function PlaceCard({ place, isCompact = false }: PlaceCardProps) {
  const lit = usePlaceTone(place.id);
  const { isFar, look, openStage } = useContext(LookedAtContext);
  const shown = {
    className: classes.place,
    "data-hue": place.hue,
    "data-lit": lit,
    "data-compact": isCompact || undefined,
    "data-far": isFar(place.id) || undefined,
    title: [place.title, place.says].filter(Boolean).join(": "),
    onMouseEnter: () => look(place.id),
    onMouseLeave: () => look(null),
    onFocus: () => look(place.id),
    onBlur: () => look(null),
  };
  return (
    <div className={classes.frame}>
      <Pressable place={place} shown={shown} onStage={openStage}>
        <Inside place={place} isCompact={isCompact} />
      </Pressable>
    </div>
  );
}

interface PressableProps {
  place: Place;
  shown: HTMLAttributes<HTMLElement>;
  onStage: (stage: Stage) => void;
  children: ReactNode;
}

/** A stage opens, a source and a view lead to their pages. */
function Pressable({ place: { stage, to }, shown, onStage, children }: PressableProps) {
  if (stage !== undefined)
    return (
      <button type="button" {...shown} aria-haspopup="dialog" onClick={() => onStage(stage)}>
        {children}
      </button>
    );
  if (to === null) return <div {...shown}>{children}</div>;
  return (
    <Link to={to} {...shown}>
      {children}
    </Link>
  );
}

function Inside({ place, isCompact }: { place: Place; isCompact: boolean }) {
  const { title, says, at, word } = place;
  return (
    <>
      <span className={classes.title}>{title}</span>
      <Shape place={place} />
      <span className={classes.says}>
        {word !== undefined && <VisuallyHidden>{word}: </VisuallyHidden>}
        <span className={classes.figure}>{says}</span>
        {at !== undefined && (
          <>
            {" "}
            <span className={classes.ago}>
              <Ago at={at} isShort={isCompact} />
            </span>
          </>
        )}
      </span>
    </>
  );
}

function Shape({ place: { tone } }: { place: Place }) {
  if (tone === null) return null;
  const { colour, icon: Icon } = TONES[tone];
  return (
    <span className={classes.tone} style={{ color: `var(--mantine-color-${colour}-light-color)` }} aria-hidden>
      <Icon size={14} className={tone === "busy" ? classes.turning : undefined} />
    </span>
  );
}
