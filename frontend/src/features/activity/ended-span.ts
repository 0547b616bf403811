/** A span of time in the address, and in words. What is no moment is as if it were not there. */
import type { Field } from "@/ui/use-url-state";

const MOMENT = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/;
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export function moment(): Field<string> {
  return {
    fallback: "",
    read: (value) =>
      typeof value === "string" && MOMENT.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined,
  };
}

export function spanInWords(since: string, until: string): string {
  if (since === "") return `Ended before ${inWords(until)}`;
  if (until === "") return `Ended since ${inWords(since)}`;
  return `Ended from ${inWords(since)} to ${inWords(until)}`;
}

function inWords(at: string): string {
  return exact.format(new Date(at));
}
