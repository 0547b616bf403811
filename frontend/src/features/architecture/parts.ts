/** The parts of the platform: what each does, where its code lives, where it stands in the picture, what it talks to. */
export const GROUPS = {
  serving: "Serving people and programs",
  knowing: "What is known and kept",
  running: "Running the flow, with Dagster",
  flow: "The flow of a record",
  outside: "Outside",
} as const;
export type Group = keyof typeof GROUPS;

export const GRAPH_HEIGHT = 620;

export interface Part {
  id: string;
  title: string;
  group: Group;
  hue: "source" | "entity" | "insight" | "none";
  does: string;
  /** Files and folders of the repository. */
  code: readonly string[];
  column: number;
  /** Rows of the lanes; halves lie between two. */
  row: number;
  /** Names that readiness and the health of dependencies know it by. */
  asked?: readonly string[];
  /** The stage that its events name. */
  stage?: string;
}

const part = (
  [id, title]: [string, string],
  [group, hue]: [Group, Part["hue"]],
  [column, row]: [number, number],
  does: string,
  code: readonly string[],
  more: Pick<Part, "asked" | "stage"> = {},
): Part => ({ id, title, group, hue, column, row, does, code, ...more });

const stage = (id: string, title: string, hue: Part["hue"], [column, row]: [number, number], does: string): Part =>
  part([id, title], ["flow", hue], [column, row], does, [`assets/${id}/`], { stage: id });

export const PARTS: readonly Part[] = [
  part(["dashboard", "Dashboard"], ["serving", "none"], [0, 0],
    "What you look at. Every figure comes from the API; events reach it over one stream.", ["frontend/src/"]),
  part(["app", "Application"], ["serving", "none"], [1, 0],
    "The HTTP API: log-in, views, approvals, events. It reads published views and records what people decide; it runs no sync.",
    ["api/app.py", "api/routers/"], { asked: ["process"] }),
  part(["published", "Published views"], ["serving", "entity"], [5, 0],
    "Each publication freezes the lake's catalog into one file that readers open read-only: no locks, nothing half-written.",
    ["orchestration/resources/publishing.py", "api/published/"]),
  part(["model", "Language model"], ["outside", "insight"], [3, 5],
    "Optional and off by default. Where one is configured it re-ranks candidates of a mapping; it decides nothing.",
    ["orchestration/resources/llm.py"]),
  part(["notes", "Notifications"], ["outside", "insight"], [7, 2.5],
    "Slack messages and callbacks to programs about what waits or ended, where an organisation set them up.",
    ["orchestration/resources/slack_notes.py", "orchestration/resources/callbacks.py"]),
  part(["postgres", "Postgres"], ["knowing", "none"], [1, 1],
    "What is known about the data: connections, syncs, drift, mappings, approvals, audit. Rows of an organisation are fenced off by row-level security. Dagster and the lake's catalog have databases of their own.",
    ["orchestration/control_plane/"], { asked: ["database", "identity"] }),
  part(["valkey", "Valkey"], ["knowing", "none"], [2, 1],
    "Streams of events and batches, wake-up calls, locks and rate limits. It is never the only home of anything.",
    ["orchestration/resources/events.py", "orchestration/resources/nudges.py"], { asked: ["redis"] }),
  part(["lake", "Lake"], ["knowing", "entity"], [5, 1],
    "Records themselves: Parquet files in one DuckLake for each organisation, with its earlier states as long as they are kept.",
    ["orchestration/resources/lake.py", "orchestration/lake_upkeep.py"]),
  part(["webserver", "Webserver"], ["running", "none"], [0, 2.5],
    "Dagster's own pages: the operator's view of runs and assets. It has no log-in of its own, so it listens on this machine alone.",
    ["orchestration/dagster_home.py"], { asked: ["dagster"] }),
  part(["code-server", "Code server"], ["running", "none"], [1, 2.5],
    "Holds the definitions of the flow, for the webserver, the daemon and the dispatcher.", ["orchestration/definitions.py"]),
  part(["dispatcher", "Dispatcher"], ["running", "insight"], [3, 2],
    "Turns what somebody asked for into runs at once, without waiting for a sensor's tick.", ["orchestration/dispatcher.py"]),
  part(["daemon", "Daemon"], ["running", "none"], [3, 3],
    "Dagster's sensors and schedules: due connections, stale views, lost runs, retention. Exactly one may serve a storage.",
    ["orchestration/sensors.py", "orchestration/schedules.py", "orchestration/embedded/single_daemon.py"]),
  part(["worker", "Workers"], ["running", "insight"], [5, 2.5],
    "Warm processes that execute the runs: every stage of the flow happens in one of them. More machines are more workers.",
    ["orchestration/run_worker.py", "orchestration/run_launcher.py"]),
  part(["sources", "Sources"], ["outside", "source"], [0, 4],
    "Salesforce, Supabase, MongoDB and files of your organisation. They are read and never written to.", ["connectors/registry.py"]),
  part(["connectors", "Connectors"], ["flow", "source"], [1, 4],
    "One package a kind of source: how its records are found and read. They know nothing of organisations or of the flow.",
    ["connectors/"]),
  stage("extract", "Extract", "source", [2, 4], "One window of one connection: what changed at the source lands as it came, with the cursor."),
  stage("fingerprint", "Fingerprint", "source", [3, 4], "The observed shape of every stream, and how it differs from the one that was approved."),
  stage("knowledge", "Knowledge", "insight", [4, 5], "What your decisions taught: which source field meant what."),
  stage("mapping", "Mapping", "insight", [4, 4], "Which source field fills which canonical field, how sure that is, and repairs when a source changes."),
  stage("normalize", "Normalize", "entity", [5, 4], "Raw rows become canonical rows; what does not fit is kept with its reason."),
  stage("resolve", "Resolve", "entity", [6, 4], "The same customer in two systems, under ids that stay."),
  stage("unify", "Unify", "entity", [7, 4], "One row for each entity, with the origin of every value, and its publication."),
]; // prettier-ignore

/** Who gives what to whom, in the direction in which it goes. */
export const FLOWS: readonly (readonly [from: string, to: string, what: string])[] = [
  ["dashboard", "app", "requests, and the stream of events"],
  ["app", "postgres", "what people ask for and decide"],
  ["app", "valkey", "wake-up calls; events come back"],
  ["published", "app", "rows"],
  ["lake", "published", "a frozen catalog"],
  ["valkey", "dispatcher", "wake-up calls"],
  ["postgres", "dispatcher", "what is asked for"],
  ["code-server", "webserver", "definitions"],
  ["code-server", "dispatcher", "definitions"],
  ["code-server", "daemon", "definitions"],
  ["dispatcher", "worker", "runs"],
  ["daemon", "worker", "runs"],
  ["worker", "lake", "records"],
  ["worker", "notes", "what waits or ended"],
  ["mapping", "model", "candidates to re-rank, where one is configured"],
  ["worker", "normalize", "executes every stage"],
  ["sources", "connectors", "records"],
  ["connectors", "extract", "batches of records"],
  ["extract", "fingerprint", "raw records"],
  ["fingerprint", "mapping", "shapes and drift"],
  ["knowledge", "mapping", "what was decided before"],
  ["mapping", "normalize", "rules in force"],
  ["normalize", "resolve", "canonical rows"],
  ["resolve", "unify", "clusters"],
];

export function partOf(id: string): Part | undefined {
  return PARTS.find((each) => each.id === id);
}
