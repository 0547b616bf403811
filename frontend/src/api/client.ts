/** The API's typed client: paths and shapes come from `schema.d.ts`, which is generated from the OpenAPI document. */
import createClient, { type Middleware } from "openapi-fetch";

import { problemOf } from "@/api/problem";
import type { paths } from "@/api/schema";
import { authorisedFetch } from "@/api/session";

const refusals: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response);
    return undefined;
  },
};

export const client = createClient<paths>({ baseUrl: window.location.origin, fetch: authorisedFetch });
client.use(refusals);

/** The body of an answer; whatever is no success was thrown before. */
export async function unwrap<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer;
  return data as T;
}

/** A body with its entity tag: give the tag back in If-Match, and nobody's change is written over unseen. */
export interface Tagged<T> {
  value: T;
  tag: string | null;
}

export async function unwrapTagged<T>(answer: Promise<{ data?: T; response: Response }>): Promise<Tagged<T>> {
  const { data, response } = await answer;
  return { value: data as T, tag: response.headers.get("ETag") };
}

/** Headers that make a change conditional; none without a tag. */
export function ifMatch(tag: string | null): { "If-Match"?: string } {
  return tag === null ? {} : { "If-Match": tag };
}

interface PageOf<T> {
  items: T[];
  next_cursor?: string | null;
}

/** Every item of a list that comes in pages. For lists people keep short: connections, members, keys. */
export async function everyItem<T>(page: (cursor: string | undefined) => Promise<PageOf<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const found = await page(cursor);
    items.push(...found.items);
    cursor = found.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}
