/**
 * A rule as one line, `source -> target | step | step:arguments`, taken apart for the form and put together again. The
 * API reads lines for good; this finds what is plainly wrong while one types. Arguments stay as they are written.
 */
export interface RuleStep {
  name: string;
  argument: string;
}

export interface RuleParts {
  source: string;
  target: string;
  steps: RuleStep[];
}

export interface ReadLine {
  /** null: it cannot be taken apart. */
  parts: RuleParts | null;
  problem: string | null;
}

/** Every step with what its argument is like; null for those that take none. */
export const STEPS: Record<string, { argument: string | null; does: string }> = {
  trim: { argument: null, does: "without spaces around it" },
  lower: { argument: null, does: "in lower case" },
  upper: { argument: null, does: "in upper case" },
  scale: { argument: "0.01", does: "a number times a factor" },
  number_format: { argument: "',':'.'", does: "numbers with these signs for decimals and thousands" },
  date_format: { argument: "%d.%m.%Y", does: "a date written like this" },
  epoch: { argument: "ms", does: "a moment counted from 1970 in s or ms" },
  split: { argument: "' ':0", does: "one part of it: separator, then place from 0, -1 or rest" },
  concat: { argument: "last,' '", does: "joined with other fields, the separator last" },
  enum: { argument: "a=b,c=d,*=keep", does: "words for words; * for all others" },
  boolean: { argument: "yes,y/no,n", does: "words for true, then words for false" },
  list: { argument: "';'", does: "several values, split at this" },
  constant: { argument: "EUR", does: "always this value" },
  cast: { argument: null, does: "as it is, in the target's type" },
};

const FORM = "Write it as source -> target, then | before each step.";
const QUOTES = `'"`;
const OPENS_AFTER = "|:,=/> ";
const NEEDS_QUOTES = /[|:,=/'"]|->|^\s|\s$|^$/;

export function readLine(line: string): ReadLine {
  const found = splitOutsideQuotes(line, "|");
  if (found === null) return { parts: null, problem: "A quote is not closed." };
  const [head = "", ...rest] = found;
  const names = splitOutsideQuotes(head, "->")?.map(unquoted) ?? [];
  const [source = "", target = ""] = names;
  if (names.length !== 2) return { parts: null, problem: FORM };
  const steps = rest.map(readStep);
  const problem = source === "" || target === "" ? FORM : steps.map(problemOf).find((each) => each !== null);
  return { parts: { source, target, steps }, problem: problem ?? null };
}

export function writeLine({ source, target, steps }: RuleParts): string {
  const said = steps.filter(({ name }) => name !== "cast");
  const head = `${quoted(source)} -> ${quoted(target)}`;
  return [head, ...said.map(({ name, argument }) => (argument === "" ? name : `${name}:${argument}`))].join(" | ");
}

function readStep(text: string): RuleStep {
  const colon = text.indexOf(":");
  if (colon < 0) return { name: text.trim(), argument: "" };
  return { name: text.slice(0, colon).trim(), argument: text.slice(colon + 1).trim() };
}

function problemOf({ name, argument }: RuleStep): string | null {
  const step = Object.hasOwn(STEPS, name) ? STEPS[name] : undefined;
  if (step === undefined) return name === "" ? "A step is empty." : `There is no step “${name}”.`;
  if (step.argument === null) return argument === "" ? null : `The step “${name}” takes no argument.`;
  return argument === "" ? `The step “${name}” needs an argument, such as ${name}:${step.argument}.` : null;
}

/** Parts between separators that stand outside of quotes; null where a quote is not closed. */
export function splitOutsideQuotes(text: string, separator: string): string[] | null {
  const parts: string[] = [];
  let start = 0;
  let inside = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (inside !== "") {
      if (text.startsWith(inside + inside, at)) at++;
      else if (character === inside) inside = "";
    } else if (QUOTES.includes(character) && opensQuote(text, at)) {
      inside = character;
    } else if (text.startsWith(separator, at)) {
      parts.push(text.slice(start, at));
      at += separator.length - 1;
      start = at + 1;
    }
  }
  return inside === "" ? [...parts, text.slice(start)] : null;
}

function opensQuote(text: string, at: number): boolean {
  return text.slice(0, at).trim() === "" || OPENS_AFTER.includes(text[at - 1] ?? "");
}

function unquoted(part: string): string {
  const text = part.trim();
  const quote = text[0] ?? "";
  if (text.length > 1 && QUOTES.includes(quote) && text.endsWith(quote))
    return text.slice(1, -1).replaceAll(quote + quote, quote);
  return text;
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) || text === "*" ? `'${text.replaceAll("'", "''")}'` : text;
}
