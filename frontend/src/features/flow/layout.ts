/** Where everything stands in the picture: five columns of one height, the stages of two of them in a box. */
import type { Column, Picture } from "@/features/flow/picture";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  headings: { id: string; column: Column; box: Box }[];
  boxes: { id: string; box: Box }[];
  places: { id: string; box: Box; isCompact: boolean }[];
}

const BODY = 560;
const HEADING = 40;
const GAP = 41;
// Inside a box, for its edge and for lines that go back along its side.
const INSET = 16;
const WIDTHS = [214, 228, 228, 166, 204];
// More than these in a column, and each has one line.
const MOST_IN_TWO_LINES = 9;
const ROW = { full: 52, compact: 32, stage: 58 };
const MOST_APART = { full: 66, stage: 140 };

export function layoutOf({ columns }: Picture): Layout {
  const layout: Layout = { headings: [], boxes: [], places: [] };
  let x = 0;
  columns.forEach((column, at) => {
    const width = WIDTHS[at] ?? 200;
    const inset = column.box === undefined ? 0 : INSET;
    const heading = { x: x + inset, y: 0, width: width - 2 * inset, height: HEADING };
    layout.headings.push({ id: `heading:${column.title}`, column, box: heading });
    if (column.box !== undefined) layout.boxes.push({ id: column.box, box: boxAround(column, x, width) });
    layout.places.push(...placesOf(column, x + inset, width - 2 * inset));
    x += width + GAP;
  });
  return layout;
}

function placesOf({ places, box }: Column, x: number, width: number): Layout["places"] {
  const isCompact = places.length > MOST_IN_TWO_LINES;
  const height = box !== undefined ? ROW.stage : isCompact ? ROW.compact : ROW.full;
  const apart = Math.min(BODY / places.length, box !== undefined ? MOST_APART.stage : MOST_APART.full);
  const top = HEADING + (BODY - apart * places.length) / 2 + (apart - height) / 2;
  return places.map(({ id }, row) => ({ id, isCompact, box: { x, y: top + row * apart, width, height } }));
}

/** As high as the picture where it is full, and else as high as what is in it. */
function boxAround({ places }: Column, x: number, width: number): Box {
  if (places.length > 2) return { x, y: 0, width, height: HEADING + BODY };
  const height = places.length * MOST_APART.stage;
  return { x, y: HEADING + (BODY - height) / 2, width, height };
}
