/** Arrow keys in the picture: up and down within a column, left and right to what flows into a node or out of it. */
import type { KeyboardEvent } from "react";

type Box = Pick<DOMRect, "left" | "top">;

export function moveBetween(event: KeyboardEvent<SVGSVGElement>): void {
  const nodes = [...event.currentTarget.querySelectorAll<SVGGElement>("[data-node]")];
  const from = nodes.find((node) => node === event.target);
  if (from === undefined) return;
  const at = from.getBoundingClientRect();
  const [x, y] = DIRECTIONS[event.key] ?? [0, 0];
  if (x === 0 && y === 0) return;
  event.preventDefault();
  const step = Number(from.dataset["step"]);
  const there = nodes.filter((node) => Number(node.dataset["step"]) === step + x && node !== from);
  const ahead = there.filter((node) => y === 0 || (node.getBoundingClientRect().top - at.top) * y > 0);
  nearest(ahead, at)?.focus();
}

const DIRECTIONS: Partial<Record<string, [number, number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

function nearest(nodes: readonly SVGGElement[], { top }: Box): SVGGElement | undefined {
  const away = (node: SVGGElement) => Math.abs(node.getBoundingClientRect().top - top);
  return [...nodes].sort((one, other) => away(one) - away(other))[0];
}
