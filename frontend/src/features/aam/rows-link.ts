/** Where the rows behind a figure are. Pages are a table, so the router does not know their searches by type. */
import type { LinkProps } from "@tanstack/react-router";

export function rowsLink(to: string, search: Record<string, unknown> = {}): LinkProps {
  return { to, search } as LinkProps;
}
