/** Name, configuration and credentials of a source; tried first, then connected. Enter does the next of the two. */
import { Button, Group, Stack, TextInput, Title } from "@mantine/core";
import { IconPlugConnected, IconTestPipe } from "@tabler/icons-react";
import { useEffect, useRef } from "react";

import { AccessFields } from "@/features/connections/access-fields";
import { ConfigForm } from "@/features/connections/config-form";
import type { Intent } from "@/features/connections/intents-query";
import { KindIcon, kindLook } from "@/features/connections/kind-look";
import type { SourceKind } from "@/features/connections/kinds-query";
import { RefusalFailure } from "@/features/connections/refusal-failure";
import { TrialResult } from "@/features/connections/trial-result";
import { useCreateConnection } from "@/features/connections/use-create-connection";
import { SourceAside } from "@/features/connections/wizard/source-aside";
import { StepFooter } from "@/features/connections/wizard/step-footer";
import { useSourceForm } from "@/features/connections/wizard/use-source-form";
import classes from "./source-form.module.css";

interface SourceFormProps {
  kind: SourceKind;
  intent: Intent | undefined;
  onBack: () => void;
  onConnected: (connectionId: string) => void;
}

export function SourceForm({ kind, intent, onBack, onConnected }: SourceFormProps) {
  const form = useSourceForm(kind, intent);
  const create = useCreateConnection();
  const next = useRef<HTMLButtonElement>(null);
  const isTried = form.trial?.ok === true;
  // A button that was switched off while the source was asked has lost the focus.
  useEffect(() => {
    if (isTried) next.current?.focus();
  }, [isTried]);
  function connect() {
    const source = form.source();
    if (source === null) return;
    const body = {
      ...source,
      name: form.name.trim(),
      namespace: intent?.namespace ?? "",
      risk_level: intent?.risk_level ?? ("low" as const),
    };
    create.mutate(body, { onSuccess: ({ connection }) => onConnected(connection.id) });
  }
  return (
    <div className={classes.frame}>
      <form
        noValidate
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          if (isTried) connect();
          else form.runTest();
        }}
      >
        <Stack gap="md">
          <Group gap="sm">
            <KindIcon kind={kind.kind} />
            <Title order={2} size="h4">
              {kindLook(kind.kind).title}
            </Title>
          </Group>
          <TextInput
            label="Name"
            description="What your people call it."
            withAsterisk
            maxLength={200}
            value={form.name}
            onChange={(event) => form.setName(event.currentTarget.value)}
            error={form.errors["name"]}
          />
          <ConfigForm
            fields={form.fields}
            values={form.values}
            onChange={form.setValues}
            errors={form.errors}
            more={
              kind.capabilities.has_credentials ? (
                <AccessFields
                  locator={form.locator}
                  onLocator={form.setLocator}
                  scopes={form.scopes}
                  onScopes={form.setScopes}
                />
              ) : undefined
            }
          />
          <TrialResult trial={form.trial} error={form.testError} isTesting={form.isTesting} />
          {create.error !== null && <RefusalFailure error={create.error} />}
          <StepFooter onBack={onBack} backTo="Kinds">
            {isTried && (
              <Button variant="default" leftSection={<IconTestPipe size={16} />} onClick={form.runTest}>
                Test again
              </Button>
            )}
            <Button
              ref={next}
              type="submit"
              leftSection={isTried ? <IconPlugConnected size={16} /> : <IconTestPipe size={16} />}
              loading={form.isTesting || create.isPending}
            >
              {isTried ? "Connect and choose streams" : "Test the connection"}
            </Button>
          </StepFooter>
        </Stack>
      </form>
      <SourceAside kind={kind} />
    </div>
  );
}
