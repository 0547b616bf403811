/** The stages of a run in their order: done, running, and still to come. The words beside it say the same. */
import type { Schemas } from "@/api/types";
import classes from "./dashboard.module.css";

const OF_A_SYNC = ["extract", "fingerprint", "mapping", "normalize"];
const OF_A_REFRESH = ["knowledge", "resolve", "unify", "publish"];
const OF_A_REPLAY = ["mapping", "normalize"];

const STAGES: Record<Schemas["RunningOut"]["kind"], readonly string[]> = {
  sync: OF_A_SYNC,
  replay: OF_A_REPLAY,
  refresh_views: OF_A_REFRESH,
  rebuild: OF_A_REFRESH,
};

interface StageBarProps {
  kind: Schemas["RunningOut"]["kind"];
  /** The one that was heard of last; null when none was. */
  stage: string | null;
  /** It ended, and the next one has not begun. */
  isBetween: boolean;
}

export function StageBar({ kind, stage, isBetween }: StageBarProps) {
  const stages = STAGES[kind];
  const at = stage === null ? -1 : stages.indexOf(stage);
  return (
    <div className={classes.stages} aria-hidden>
      {stages.map((name, index) => {
        const state = index < at || (index === at && isBetween) ? "done" : index === at ? "running" : "open";
        return <span key={name} className={classes.stage} data-state={state} />;
      })}
    </div>
  );
}
