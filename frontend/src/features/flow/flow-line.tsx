/** A line of the picture, with what moves along it; where motion is not wanted the line lights up instead. */
import { BaseEdge, getBezierPath, getSmoothStepPath, type EdgeProps } from "@xyflow/react";
import { useContext, type CSSProperties } from "react";

import { LookedAtContext } from "@/features/flow/looked-at";
import { useLinePulses } from "@/features/flow/pulse-context";
import { MOVE_MS, type Pulse } from "@/features/flow/pulses";
import classes from "./flow-graph.module.css";

export function FlowLine(props: EdgeProps) {
  const pulses = useLinePulses(props.id);
  const { isFar } = useContext(LookedAtContext);
  const isAlongSide = props.sourcePosition === props.targetPosition;
  const [path] = isAlongSide ? getSmoothStepPath({ ...props, offset: 8, borderRadius: 6 }) : getBezierPath(props);
  const newest = pulses?.at(-1);
  return (
    <>
      <BaseEdge
        id={props.id}
        path={path}
        className={classes.line}
        data-lit={newest?.tone}
        data-state={typeof props.data?.["tone"] === "string" ? props.data["tone"] : undefined}
        data-far={isFar(props.source) || isFar(props.target) || undefined}
        interactionWidth={0}
      />
      {pulses?.map((pulse) => (
        <Particle key={pulse.key} pulse={pulse} path={path} />
      ))}
    </>
  );
}

function Particle({ pulse, path }: { pulse: Pulse; path: string }) {
  const style: CSSProperties = {
    offsetPath: `path("${path}")`,
    animationDuration: `${MOVE_MS}ms`,
    animationDelay: `${pulse.delayMs}ms`,
    animationDirection: pulse.isBack ? "reverse" : "normal",
  };
  return <circle r={4.5} className={classes.particle} data-tone={pulse.tone} style={style} aria-hidden />;
}
