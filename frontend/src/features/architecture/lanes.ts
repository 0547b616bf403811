/** Where the parts stand: lanes by what they are for, and in them rows. */
import { GROUPS, type Group } from "@/features/architecture/parts";

export const WIDTH = 134;
export const HEIGHT = 54;
const ACROSS = 156;
const INSET = 14;

export interface Lane {
  group: Group;
  y: number;
  height: number;
}

export const LANES: readonly Lane[] = [
  { group: "serving", y: 0, height: 110 },
  { group: "knowing", y: 122, height: 110 },
  { group: "running", y: 244, height: 186 },
  { group: "flow", y: 442, height: 186 },
];
export const LANE_WIDTH = 7 * ACROSS + WIDTH + 2 * INSET;

const TOPS: Record<number, number> = { 0: 42, 1: 164, 2: 286, 2.5: 324, 3: 362, 4: 484, 5: 560 };

export function placeOf({ column, row }: { column: number; row: number }): { x: number; y: number } {
  return { x: INSET + column * ACROSS, y: TOPS[row] ?? 0 };
}

export function laneTitle({ group }: Lane): string {
  return GROUPS[group];
}
