/** What queues and lag say of the parts that nobody asks directly: whether they keep up. For operators. */
import type { Known, PartState } from "@/features/architecture/known";
import { formatCount } from "@/ui/numbers";

/** null where nothing was told that says something of the part. */
export function operatedState(id: string, { queues, lag }: Known): PartState | null {
  if (id === "daemon" && lag !== undefined) return daemonState(lag.lag.reduce((sum, { count }) => sum + count, 0));
  if (queues === undefined) return null;
  if (id === "dispatcher") return waitingState(queues.nudges, "wake-up call", "Its wake-up calls are heard.");
  if (id !== "worker") return null;
  const running = queues.queues.filter(({ state }) => state === "running").reduce((sum, { count }) => sum + count, 0);
  if (queues.broker > 0) return waitingState(queues.broker, "run", "");
  if (running === 0) return { tone: "good", word: "keep up", why: "No run waits for a worker, and none is under way." };
  return { tone: "busy", word: `${formatCount(running)} running`, why: "No run waits for a worker." };
}

function waitingState(count: number, what: string, whyNot: string): PartState {
  if (count === 0) return { tone: "good", word: "keeps up", why: whyNot };
  const words = `${formatCount(count)} ${count === 1 ? what : `${what}s`}`;
  return { tone: "waiting", word: `${formatCount(count)} waiting`, why: `${words} not taken up yet.` };
}

function daemonState(late: number): PartState {
  if (late === 0) return { tone: "good", word: "in time", why: "No view and no connection is late." };
  const why = "Views behind their data, or connections behind their schedule: below is which.";
  return { tone: "warning", word: `${formatCount(late)} late`, why };
}
