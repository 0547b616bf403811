/** Errors of the API as the pages tell them: RFC 9457 problem documents, and connections that did not come about. */

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail?: string | null;
  errors?: { at: string; message: string }[];
}

/** The API answered, and the answer is that it cannot or will not. */
export class ProblemError extends Error {
  readonly status: number;

  constructor(
    readonly body: ProblemBody,
    readonly traceId: string | null,
    readonly retryAfterS: number | null,
  ) {
    super(body.detail ?? body.title);
    this.name = "ProblemError";
    this.status = body.status;
  }

  /** The last part of its type: `not-found`, `precondition-failed`, ... */
  get slug(): string {
    return this.body.type.split("/").at(-1) ?? "";
  }
}

export interface Described {
  title: string;
  detail: string;
  traceId: string | null;
}

export function describeProblem(error: unknown): Described {
  if (error instanceof ProblemError) {
    const listed = (error.body.errors ?? []).map((found) => `${fieldOf(found.at)}: ${found.message}`).join("; ");
    const wait = error.retryAfterS === null ? "" : `Try again in ${waitInWords(error.retryAfterS)}.`;
    const detail = [listed || (error.body.detail ?? ""), wait].filter((part) => part !== "").join(" ");
    return { title: error.body.title, detail, traceId: error.traceId };
  }
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) {
    return { title: "The server cannot be reached", detail: "Check the connection, then try again.", traceId: null };
  }
  return { title: "This did not work", detail: error instanceof Error ? error.message : "", traceId: null };
}

/** The messages that belong to fields of a form, by the field's name; what belongs to none is left out. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ProblemError)) return {};
  return Object.fromEntries((error.body.errors ?? []).map((found) => [fieldOf(found.at), found.message]));
}

/** The problem an answer tells of; one of our own words where it tells none. */
export async function problemOf(answer: Response): Promise<ProblemError> {
  const body = parsed(await answer.text());
  const title = answer.status >= 500 ? "The server did not manage to answer" : "The server refused this";
  const header = answer.headers.get("Retry-After");
  const retryAfter = header === null ? Number.NaN : Number(header);
  return new ProblemError(
    body ?? {
      type: `/problems/http-${answer.status}`,
      title,
      status: answer.status,
      detail: `Status ${answer.status}.`,
    },
    answer.headers.get("X-Trace-Id"),
    Number.isFinite(retryAfter) ? retryAfter : null,
  );
}

/** `body.policy.apply_at` -> `policy.apply_at`: where in the request is known from where one wrote it. */
function fieldOf(at: string): string {
  return at.replace(/^(body|query|header)\./, "");
}

function waitInWords(seconds: number): string {
  if (seconds < 90) return `${seconds} ${seconds === 1 ? "second" : "seconds"}`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

function parsed(text: string): ProblemBody | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null && "title" in body ? (body as ProblemBody) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
