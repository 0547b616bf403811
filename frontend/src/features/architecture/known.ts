/** What is known of the platform by whoever looks, and how the state of a part is told. */
import type { Connection, Schemas } from "@/api/types";
import type { Tone } from "@/ui/tones";

/** An event of a stage, from the history or live. */
export interface Heard {
  kind: string;
  at: string;
  data: Record<string, unknown>;
}

export interface Known {
  /** undefined while it is asked for; null when nothing answered. */
  ready: Schemas["ReadinessOut"] | null | undefined;
  isOperator: boolean;
  dependencies: readonly Schemas["DependencyOut"][] | undefined;
  queues: Schemas["QueuesOut"] | undefined;
  lag: Schemas["LagOut"] | undefined;
  versions: Schemas["VersionsOut"] | undefined;
  connections: readonly Connection[] | undefined;
  publication: Schemas["PublicationOut"] | null | undefined;
  /** The newest event of each stage, of those that are kept. */
  heard: ReadonlyMap<string, Heard>;
}

export interface PartState {
  tone: Tone;
  word: string;
  /** Why, or why it is not known. */
  why: string;
  at?: string;
}
