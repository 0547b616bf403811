/** The last events of this log-in and how the stream is doing; read with the hooks of `use-live.ts`. */
import type { Gap, LiveEvent, LiveState } from "@/live/event-stream";

export const KEPT = 500;
// A sync tells of many things in a second; a page need not be drawn for each of them.
const TELL_EVERY_MS = 100;

export interface LiveNow {
  /** Oldest first. A new array whenever one comes. */
  events: readonly LiveEvent[];
  state: LiveState;
  /** Gaps since the page was opened, the newest last. */
  gaps: readonly Gap[];
}

export class EventStore {
  private now: LiveNow = { events: [], state: "connecting", gaps: [] };
  private arrived: LiveEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly listeners = new Set<() => void>();

  readonly read = (): LiveNow => this.now;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  add(event: LiveEvent): void {
    this.arrived.push(event);
    this.timer ??= setTimeout(() => this.flush(), TELL_EVERY_MS);
  }

  setState(state: LiveState): void {
    if (state !== this.now.state) this.become({ state });
  }

  addGap(gap: Gap): void {
    this.become({ gaps: [...this.now.gaps, gap].slice(-KEPT) });
  }

  private flush(): void {
    this.timer = null;
    const events = [...this.now.events, ...this.arrived].slice(-KEPT);
    this.arrived = [];
    this.become({ events });
  }

  private become(change: Partial<LiveNow>): void {
    this.now = { ...this.now, ...change };
    this.listeners.forEach((listener) => listener());
  }
}
