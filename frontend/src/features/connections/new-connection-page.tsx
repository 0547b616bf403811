/** Connect a source, step by step. Each step has an address of its own; what was connected outlives a reload. */
import { Card } from "@mantine/core";
import type { QueryClient } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import { kindsQuery } from "@/features/connections/kinds-query";
import { StepKind } from "@/features/connections/wizard/step-kind";
import { StepMapping } from "@/features/connections/wizard/step-mapping";
import { StepPreview } from "@/features/connections/wizard/step-preview";
import { StepSchedule } from "@/features/connections/wizard/step-schedule";
import { StepSource } from "@/features/connections/wizard/step-source";
import { StepStreams } from "@/features/connections/wizard/step-streams";
import { StepSync } from "@/features/connections/wizard/step-sync";
import { StepsBar } from "@/features/connections/wizard/steps-bar";
import { useFocusOnStep } from "@/features/connections/wizard/use-focus-on-step";
import { FIELDS, reachable, type Place } from "@/features/connections/wizard/wizard-steps";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { useUrlState } from "@/ui/use-url-state";

export const loader = (client: QueryClient): void => void client.prefetchQuery(kindsQuery());

export default function NewConnectionPage() {
  const mayWrite = useMay()("connections.write");
  const [place, set] = useUrlState(FIELDS);
  const step = reachable(place);
  const card = useFocusOnStep(step);
  const go = (change: Partial<Place>) => set(change, true);
  if (!mayWrite) {
    return (
      <Page title="Connect a source">
        <Empty title="Your role does not connect sources">Owners and admins of the organisation do.</Empty>
      </Page>
    );
  }
  return (
    <Page title="Connect a source" subtitle="From its credentials to its rows in a view">
      <StepsBar step={step} place={place} onGo={(next) => go({ step: next })} />
      <Card ref={card} tabIndex={-1} withBorder padding="lg" style={{ outline: "none" }}>
        {step === "kind" && <StepKind onChoose={(kind) => go({ step: "source", kind, intent: "" })} />}
        {step === "source" && (
          <StepSource
            key={`${place.kind}:${place.intent}`}
            kind={place.kind}
            intentId={place.intent}
            onBack={() => go({ step: "kind" })}
            onConnected={(connection) => set({ step: "streams", connection, intent: "" })}
          />
        )}
        {step === "streams" && (
          <StepStreams connectionId={place.connection} onNext={() => go({ step: "preview", stream: "" })} />
        )}
        {step === "preview" && (
          <StepPreview
            connectionId={place.connection}
            stream={place.stream}
            onStream={(stream) => set({ stream })}
            onBack={() => go({ step: "streams" })}
            onNext={() => go({ step: "mapping" })}
          />
        )}
        {step === "mapping" && (
          <StepMapping
            connectionId={place.connection}
            stream={place.stream}
            onStream={(stream) => set({ stream })}
            onBack={() => go({ step: "preview" })}
            onNext={() => go({ step: "schedule" })}
          />
        )}
        {step === "schedule" && (
          <StepSchedule
            connectionId={place.connection}
            onBack={() => go({ step: "mapping" })}
            onStarted={(sync) => go({ step: "sync", sync })}
          />
        )}
        {step === "sync" && (
          <StepSync connectionId={place.connection} syncId={place.sync} onAgain={(sync) => set({ sync })} />
        )}
      </Card>
    </Page>
  );
}
