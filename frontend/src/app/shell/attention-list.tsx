/** What waits, in the bell: connections that do not work, then the oldest repairs, and the way to the rest. */
import { Text } from "@mantine/core";
import type { ReactNode } from "react";

import { AttentionItem } from "@/app/shell/attention-item";
import type { Attention } from "@/app/shell/use-attention";
import { formatAtLeast, formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { When } from "@/ui/when";

const SHOWN = 6;

export function AttentionList({ approvals, failing = [], onGo }: Attention & { onGo: () => void }) {
  const repairs = approvals?.items ?? [];
  const all = formatAtLeast(repairs.length, approvals?.hasMore ?? false);
  return (
    <>
      {failing.slice(0, SHOWN).map(({ id, name, status, error }) => (
        <AttentionItem key={id} tone="bad" to={`/connections/${id}`} list="/connections" title={name} onClick={onGo}>
          {error ?? (status === "needs_person" ? "Needs a person" : "Its last sync failed")}
        </AttentionItem>
      ))}
      {failing.length > SHOWN && (
        <More to="/connections" onGo={onGo}>
          All {formatCount(failing.length)} connections that do not work
        </More>
      )}
      {repairs.slice(0, SHOWN).map((repair) => (
        <AttentionItem
          key={repair.id}
          tone="waiting"
          to={`/approvals/${repair.id}`}
          list="/approvals"
          title={`${repair.connection ?? "Deleted connection"} · ${repair.stream}`}
          onClick={onGo}
        >
          {repair.kind}, asked <When at={repair.created_at} size="xs" />
        </AttentionItem>
      ))}
      {repairs.length > SHOWN && (
        <More to="/approvals" onGo={onGo}>
          All {all} repairs that wait
        </More>
      )}
    </>
  );
}

function More({ to, onGo, children }: { to: string; onGo: () => void; children: ReactNode }) {
  return (
    <Text size="sm" px={10} py={6} onClick={onGo}>
      <PageLink to={to} size="sm" fw={600} underline="hover">
        {children}
      </PageLink>
    </Text>
  );
}
