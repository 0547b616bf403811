/** On a phone a line of tabs is longer than the screen: the one that is shown is pushed to where it can be seen. */
import { useEffect, useRef, type RefObject } from "react";

const ROOM_PX = 32;

export function useTabInView<T extends HTMLElement>(): RefObject<T> {
  const page = useRef<T>(null);
  const shown = useRef("");
  useEffect(() => {
    const tab = page.current?.querySelector<HTMLElement>("[role=tab][data-active]");
    const line = tab?.parentElement;
    // Once for each choice: where one pushes the line meanwhile, it stays.
    if (!tab || !line || shown.current === tab.id) return;
    shown.current = tab.id;
    const [left, right] = [tab.offsetLeft - ROOM_PX, tab.offsetLeft + tab.offsetWidth + ROOM_PX];
    if (left < line.scrollLeft) line.scrollLeft = left;
    else if (right > line.scrollLeft + line.clientWidth) line.scrollLeft = right - line.clientWidth;
  });
  return page;
}
