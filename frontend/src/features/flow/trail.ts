/** Every event that the page heard of, each once: the live store keeps only the last ones, a list may not have holes. */
import { merged } from "@/features/flow/event-order";
import type { LiveEvent } from "@/live/event-stream";

const MOST = 5000;

export class Trail {
  private known: readonly LiveEvent[] = [];

  /** All that is known with these, oldest first. */
  with(...lists: (readonly LiveEvent[])[]): readonly LiveEvent[] {
    this.known = lists.reduce((all, list) => merged(all, list), this.known).slice(-MOST);
    return this.known;
  }
}
