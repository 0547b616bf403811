/** A link to another page, in the words of the text it stands in. */
import { Anchor, type AnchorProps } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface PageLinkProps extends AnchorProps {
  to: string;
  search?: Record<string, unknown>;
  children: ReactNode;
  "aria-label"?: string;
}

export function PageLink({ to, search, children, ...look }: PageLinkProps) {
  // Pages are a table, so the router does not know their searches by type.
  return (
    <Anchor underline="always" {...look} renderRoot={(props) => <Link to={to} search={search as never} {...props} />}>
      {children}
    </Anchor>
  );
}
