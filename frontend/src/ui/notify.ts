/** Short notes at the edge: that something was done, or why it was not. */
import { notifications } from "@mantine/notifications";

import { describeProblem } from "@/api/problem";

const CLOSE = { "aria-label": "Close the note" };

export function notifyDone(message: string): void {
  notifications.show({ message, color: "source", withBorder: true, closeButtonProps: CLOSE });
}

export function notifyFailure(error: unknown): void {
  const { title, detail } = describeProblem(error);
  notifications.show({
    title,
    message: detail,
    color: "red",
    withBorder: true,
    autoClose: 10_000,
    closeButtonProps: CLOSE,
  });
}
