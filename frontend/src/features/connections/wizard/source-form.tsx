/** Name, configuration and credentials of a source; tried first, then connected. */
import { Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconPlugConnected, IconTestPipe } from "@tabler/icons-react";

import { ConfigForm } from "@/features/connections/config-form";
import type { Intent } from "@/features/connections/intents-query";
import { KindIcon, kindLook } from "@/features/connections/kind-look";
import type { SourceKind } from "@/features/connections/kinds-query";
import { RefusalFailure } from "@/features/connections/refusal-failure";
import { TrialResult } from "@/features/connections/trial-result";
import { useCreateConnection } from "@/features/connections/use-create-connection";
import { AccessFields } from "@/features/connections/access-fields";
import { useSourceForm } from "@/features/connections/wizard/use-source-form";

interface SourceFormProps {
  kind: SourceKind;
  intent: Intent | undefined;
  onConnected: (connectionId: string) => void;
}

export function SourceForm({ kind, intent, onConnected }: SourceFormProps) {
  const form = useSourceForm(kind, intent);
  const create = useCreateConnection();
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
    <form
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        form.runTest();
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
        {kind.capabilities.has_credentials && (
          <Text size="xs" c="dimmed">
            Credentials are sealed when the source is connected, and never shown again.
          </Text>
        )}
        <TrialResult trial={form.trial} error={form.testError} isTesting={form.isTesting} />
        {create.error !== null && <RefusalFailure error={create.error} />}
        <Group justify="space-between" gap="sm">
          <Button type="submit" variant="default" leftSection={<IconTestPipe size={16} />} loading={form.isTesting}>
            Test
          </Button>
          <Button
            leftSection={<IconPlugConnected size={16} />}
            disabled={form.trial?.ok !== true}
            loading={create.isPending}
            onClick={connect}
          >
            Connect and choose streams
          </Button>
        </Group>
        <Text size="xs" c="dimmed" ta="right">
          {form.trial?.ok === true
            ? "From here on the connection is kept. It has no schedule yet, so nothing is read before you say so."
            : "Test it first: what does not answer cannot be connected."}
        </Text>
      </Stack>
    </form>
  );
}
