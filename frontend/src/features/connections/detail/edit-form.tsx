/** Changing a connection: what concerns the source is tried there before it is kept. */
import { Alert, Button, Card, Group, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useEffect } from "react";

import type { Tagged } from "@/api/client";
import { ProblemError } from "@/api/problem";
import type { Connection } from "@/api/types";
import { AccessFields } from "@/features/connections/access-fields";
import { ConfigForm } from "@/features/connections/config-form";
import { useEditForm } from "@/features/connections/detail/use-edit-form";
import type { SourceKind } from "@/features/connections/kinds-query";
import { RefusalFailure } from "@/features/connections/refusal-failure";
import { ScheduleField } from "@/features/connections/schedule-field";
import { TestStored } from "@/features/connections/detail/test-stored";
import { useChangeConnection } from "@/features/connections/use-change-connection";
import { notifyDone } from "@/ui/notify";

interface EditFormProps {
  kind: SourceKind;
  /** What this form began with. */
  base: Tagged<Connection>;
  /** What holds now, which somebody else may have changed. */
  latest: Tagged<Connection>;
  onTake: (connection: Tagged<Connection>) => void;
}

const RISKS = [
  { value: "low", label: "Low: policy may lift Safe Mode" },
  { value: "medium", label: "Medium: a person lifts Safe Mode" },
  { value: "high", label: "High: a person lifts Safe Mode" },
];

export function EditForm({ kind, base, latest, onTake }: EditFormProps) {
  const form = useEditForm(base.value, kind);
  const change = useChangeConnection();
  const isConflict = change.error instanceof ProblemError && change.error.status === 412;
  const isStale = latest.tag !== base.tag && !change.isPending;
  const { isDirty } = form;
  useEffect(() => {
    if (isStale && !isDirty) onTake(latest);
  }, [isStale, isDirty, latest, onTake]);
  function save() {
    if (!form.isValid || !form.isDirty) return;
    const wanted = { connectionId: base.value.id, tag: base.tag, changes: form.changes };
    change.mutate(wanted, {
      onSuccess: (changed) => {
        notifyDone("Saved.");
        onTake(changed);
      },
    });
  }
  return (
    <form
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Stack gap="md" maw={820}>
        <Card withBorder padding="lg" component="section" aria-label="Name and schedule">
          <Title order={2} size="h5" mb="md">
            Name and schedule
          </Title>
          <Stack gap="md">
            <TextInput
              label="Name"
              value={form.name}
              onChange={(event) => form.setName(event.currentTarget.value)}
              error={form.errors["name"]}
              maxLength={200}
            />
            <TextInput
              label="Owner"
              description="Who answers for it."
              value={form.owner}
              onChange={(event) => form.setOwner(event.currentTarget.value)}
              maxLength={200}
            />
            <Select
              label="Risk"
              data={RISKS}
              value={form.risk}
              onChange={(next) => form.setRisk(RISKS.find(({ value }) => value === next)?.value as typeof form.risk)}
              allowDeselect={false}
            />
            <ScheduleField plan={form.plan} onChange={form.setPlan} error={form.planError} />
          </Stack>
        </Card>
        <Card withBorder padding="lg" component="section" aria-label="Source">
          <Title order={2} size="h5">
            Source
          </Title>
          <Stack gap="md">
            <Text size="sm" c="dimmed">
              A change here is tried at the source first. Credentials are kept where nothing is typed, and never shown.
            </Text>
            <ConfigForm
              fields={form.fields}
              values={form.values}
              onChange={form.setValues}
              errors={form.errors}
              hasCredentials
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
            <TestStored connectionId={base.value.id} isDirty={form.isDirty} />
          </Stack>
        </Card>
        {change.error !== null && !isConflict && <RefusalFailure error={change.error} />}
        {(isConflict || (isStale && isDirty)) && (
          <Alert color="yellow" variant="light" title="Somebody changed this connection meanwhile" role="alert">
            <Button size="xs" variant="default" mt={6} onClick={() => onTake(latest)}>
              Show theirs
            </Button>
          </Alert>
        )}
        <Group gap="xs">
          <Button type="submit" loading={change.isPending} disabled={!form.isDirty || !form.isValid}>
            Save
          </Button>
          {!form.isValid && (
            <Text size="sm" c="dimmed">
              Something above cannot be used as it is.
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}
