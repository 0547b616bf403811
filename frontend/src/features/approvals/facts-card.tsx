/** What it touches, since when it waits, and who said what. */
import { Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

import type { WholeApproval } from "@/features/approvals/approval-query";
import { Votes } from "@/features/approvals/votes";
import { formatCount } from "@/ui/numbers";
import { PageLink } from "@/ui/page-link";
import { SectionCard } from "@/ui/section-card";
import { Unknown } from "@/ui/unknown";
import { When } from "@/ui/when";
import classes from "./facts-card.module.css";

export function FactsCard({ repair }: { repair: WholeApproval }) {
  const waits = repair.status === "open" || repair.status === "refused";
  return (
    <SectionCard title="What it touches">
      <Stack gap="md">
        <dl className={classes.facts}>
          <Fact name="Views">{repair.views.length === 0 ? "none" : <Links to="/views" names={repair.views} />}</Fact>
          <Fact name="Fields">{repair.fields.length === 0 ? "none" : repair.fields.join(", ")}</Fact>
          <Fact name="Records held">
            {repair.records_held === null ? (
              <Unknown why="Not counted when it was proposed" />
            ) : (
              <>
                {formatCount(repair.records_held)}
                {repair.records !== null && ` of ${formatCount(repair.records)}`}
              </>
            )}
          </Fact>
          <Fact name="Connection">
            {repair.connection === null ? (
              "deleted"
            ) : (
              <PageLink to={`/connections/${repair.connection_id}`} size="sm">
                {repair.connection}
              </PageLink>
            )}
          </Fact>
          {repair.drift_id !== null && (
            <Fact name="Drift">
              <PageLink to="/aam" search={{ tab: "drift", drift: repair.drift_id }} size="sm">
                the event behind it
              </PageLink>
            </Fact>
          )}
          <Fact name={waits ? "Waits since" : "Proposed"}>
            <When at={repair.created_at} size="sm" />
          </Fact>
          {repair.status === "open" && (
            <Fact name={repair.escalated_at === null ? "Escalates" : "Escalated"}>
              {repair.escalated_at !== null ? (
                <When at={repair.escalated_at} size="sm" />
              ) : repair.expires_at === null ? (
                <Unknown why="Nobody was asked" />
              ) : (
                <When at={repair.expires_at} size="sm" />
              )}
            </Fact>
          )}
          {repair.decided_at !== null && (
            <Fact name="Decided">
              <When at={repair.decided_at} size="sm" /> by {repair.decided_by ?? "nobody who is known any more"}
            </Fact>
          )}
          {repair.applied_version !== null && <Fact name="In force as">version {repair.applied_version}</Fact>}
          {repair.note !== null && <Fact name="Note">{repair.note}</Fact>}
        </dl>
        {(repair.needs_two || repair.votes.length > 0) && <Votes repair={repair} />}
      </Stack>
    </SectionCard>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>
        <Text size="sm" component="span">
          {children}
        </Text>
      </dd>
    </div>
  );
}

function Links({ to, names }: { to: string; names: string[] }) {
  return names.map((name, at) => (
    <span key={name}>
      {at > 0 && ", "}
      <PageLink to={`${to}/${name}`} size="sm">
        {name}
      </PageLink>
    </span>
  ));
}
