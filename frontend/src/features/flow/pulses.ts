/** What moves in the picture now: each pulse comes from one event, and is gone after a moment. */
import { effectOf, type FlowTone } from "@/features/flow/effects";
import type { LiveEvent } from "@/live/event-stream";

export interface Pulse {
  key: string;
  tone: FlowTone;
  delayMs: number;
  isBack: boolean;
}

export interface Pulses {
  lines: ReadonlyMap<string, readonly Pulse[]>;
  places: ReadonlyMap<string, FlowTone>;
}

export const MOVE_MS = 1400;
// After a pause or a break many events come at once: all are listed, the newest move.
const MOST_AT_ONCE = 24;
const APART_MS = 70;
const NONE: Pulses = { lines: new Map(), places: new Map() };

interface Running extends Pulse {
  lines: readonly string[];
  places: readonly string[];
}

export class PulseStore {
  private running: Running[] = [];
  private now: Pulses = NONE;
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();
  private readonly listeners = new Set<() => void>();

  /** `nameOf` gives the place that is drawn for one that is not. */
  constructor(private nameOf: (place: string) => string = (place) => place) {}

  readonly read = (): Pulses => this.now;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  drawnAs(nameOf: (place: string) => string): void {
    this.nameOf = nameOf;
  }

  add(events: readonly LiveEvent[]): void {
    const begun: Running[] = [];
    for (const event of events.slice(-MOST_AT_ONCE)) {
      const effect = effectOf(event);
      if (effect === null) continue;
      const { tone, isBack = false } = effect;
      const lines = effect.lines.map((line) => line.split(">").map(this.nameOf).join(">"));
      const places = effect.places.map(this.nameOf);
      begun.push({ key: event.id, tone, isBack, delayMs: begun.length * APART_MS, lines, places });
    }
    if (begun.length === 0) return;
    this.become([...this.running, ...begun]);
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        this.become(this.running.filter((pulse) => !begun.includes(pulse)));
      },
      MOVE_MS + begun.length * APART_MS,
    );
    this.timers.add(timer);
  }

  stop(): void {
    this.timers.forEach(clearTimeout);
    this.timers.clear();
    this.running = [];
  }

  private become(running: Running[]): void {
    this.running = running;
    const lines = new Map<string, Pulse[]>();
    for (const pulse of running)
      for (const line of new Set(pulse.lines)) lines.set(line, [...(lines.get(line) ?? []), pulse]);
    const places = new Map(running.flatMap(({ tone, places: lit }) => lit.map((place) => [place, tone] as const)));
    this.now = { lines, places };
    this.listeners.forEach((listener) => listener());
  }
}
