/** What is known says of each part how it is. What is not known says so. */
import type { Connection } from "@/api/types";
import type { Heard, Known, PartState } from "@/features/architecture/known";
import { operatedState } from "@/features/architecture/operated";
import type { Part } from "@/features/architecture/parts";
import type { Tone } from "@/ui/tones";

const HEARD: Record<string, { tone: Tone; word: string }> = {
  "stage.started": { tone: "busy", word: "began" },
  "stage.finished": { tone: "good", word: "finished" },
  "stage.failed": { tone: "bad", word: "failed" },
};

export function stateOf(part: Part, known: Known): PartState {
  if (part.asked !== undefined) return askedState(part, part.asked, known);
  if (part.stage !== undefined) return heardState(known.heard.get(part.stage));
  if (part.id === "dashboard") return { tone: "good", word: "open", why: "You are looking at it." };
  if (part.id === "sources" || part.id === "connectors") return connectedState(known.connections);
  if (part.id === "published") return publishedState(known.publication);
  return operatedState(part.id, known) ?? unasked(part.id, known);
}

/** What readiness asks over the part's own protocol. */
function askedState(part: Part, names: readonly string[], { ready }: Known): PartState {
  if (ready === undefined) return { tone: "unknown", word: "asked", why: "It is being asked." };
  if (ready === null) {
    if (part.id === "app") return { tone: "bad", word: "no answer", why: "The application did not answer just now." };
    return { tone: "unknown", word: "unknown", why: "The application did not answer, so nothing is known of it." };
  }
  const wrong = names.flatMap((name) => ready.problems[name] ?? []);
  if (wrong.length > 0) return { tone: "bad", word: "problem", why: wrong.join("; ") };
  // While it shuts down it asks nobody.
  if (part.id !== "app" && ready.problems["process"] !== undefined)
    return { tone: "unknown", word: "unknown", why: "The application is shutting down and asks nobody." };
  return { tone: "good", word: "in order", why: "It answered the application's last question." };
}

function heardState(event: Heard | undefined): PartState {
  const look = event && HEARD[event.kind];
  if (event === undefined || look === undefined)
    return { tone: "unknown", word: "not heard", why: "None of the last events of your organisation tells of it." };
  const why = `What your organisation's runs told of it last: it ${look.word}.`;
  return { ...look, why, at: event.at };
}

function connectedState(connections: readonly Connection[] | undefined): PartState {
  if (connections === undefined) return { tone: "unknown", word: "unknown", why: "Not loaded." };
  if (connections.length === 0) return { tone: "off", word: "none", why: "Your organisation has no connection yet." };
  const failing = connections.filter(({ status }) => status === "failing" || status === "needs_person").length;
  if (failing > 0)
    return {
      tone: "warning",
      word: `${failing} failing`,
      why: `${failing} of your ${connections.length} connections.`,
    };
  return { tone: "good", word: "delivering", why: `None of your ${connections.length} connections fails.` };
}

function publishedState(publication: Known["publication"]): PartState {
  if (publication === undefined) return { tone: "unknown", word: "unknown", why: "Not loaded." };
  if (publication === null) return { tone: "off", word: "none yet", why: "Your organisation has no publication yet." };
  const why = `Your organisation reads snapshot ${publication.snapshot_id}.`;
  return { tone: "good", word: "published", why, at: publication.published_at };
}

function unasked(id: string, { isOperator }: Known): PartState {
  if (id === "model" || id === "notes")
    return { tone: "unknown", word: "not asked", why: "It is not asked; whether it is set up is in the settings." };
  if (!isOperator) return { tone: "unknown", word: "for operators", why: "Its state is for those who run the platform." };
  return { tone: "unknown", word: "not asked", why: "The API does not ask it; `autonomos doctor` knows more." };
} // prettier-ignore
