/** Where things happen: the stages of the flow and the people beside it, in the columns of the picture. */
export const AAM_STAGES = ["extract", "fingerprint", "mapping", "people", "knowledge"] as const;
export const DCL_STAGES = ["normalize", "resolve", "unify", "publish"] as const;
export type Stage = (typeof AAM_STAGES)[number] | (typeof DCL_STAGES)[number];

export const GRAPH_HEIGHT = 640;
/** All who read: the box around people and programs. */
export const READERS = "readers";
export const PEOPLE_WHO_READ = "readers:people";
export const PROGRAMS = "readers:programs";
/** Stands for the connections, or views, that there is no room for. */
export const MORE_CONNECTIONS = "connection:more";
export const MORE_VIEWS = "view:more";

export interface StageWords {
  title: string;
  does: string;
}

export const STAGE_WORDS: Record<Stage, StageWords> = {
  extract: { title: "Extract", does: "Reads what changed at a source" },
  fingerprint: { title: "Fingerprint", does: "Looks at the shape, notices drift" },
  mapping: { title: "Mapping", does: "Says which field means what, and repairs that when a source changes" },
  people: { title: "Approvals", does: "People decide where that is unsure" },
  knowledge: { title: "Knowledge", does: "Keeps what decisions taught" },
  normalize: { title: "Normalize", does: "Makes canonical rows, and keeps what does not fit with its reason" },
  resolve: { title: "Resolve", does: "Finds the same thing in two systems" },
  unify: { title: "Unify", does: "One row for each thing, with the origin of every value" },
  publish: { title: "Publish", does: "Freezes the views, and moves readers over to them" },
};

/** Lines that are there whatever is connected. */
export const STAGE_LINES: readonly (readonly [Stage, Stage])[] = [
  ["extract", "fingerprint"],
  ["fingerprint", "mapping"],
  ["mapping", "people"],
  ["knowledge", "mapping"],
  ["mapping", "normalize"],
  ["normalize", "resolve"],
  ["resolve", "unify"],
  ["unify", "publish"],
];

export const connectionPlace = (id: string): string => `connection:${id}`;
export const viewPlace = (name: string): string => `view:${name}`;
export const lineBetween = (from: string, to: string): string => `${from}>${to}`;

export function isStage(name: unknown): name is Stage {
  return typeof name === "string" && name in STAGE_WORDS;
}
