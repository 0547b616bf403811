/** How repairs are decided: thresholds, people, watching, notes, language model. Saved as one. */
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useEffect } from "react";

import type { Tagged } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { useMay } from "@/api/queries/me-query";
import { DecidingFields } from "@/features/settings/deciding-fields";
import { LlmFields } from "@/features/settings/llm-fields";
import { NoteFields } from "@/features/settings/note-fields";
import { changesOf, problemsOf, toForm, type RepairFormValues } from "@/features/settings/repair-form-values";
import type { RepairSettings } from "@/api/queries/repair-settings-query";
import { useChangeRepairSettings } from "@/features/settings/use-change-repair-settings";
import { Failure } from "@/ui/failure";
import classes from "./repair-form.module.css";

interface RepairFormProps {
  /** What this form began with. */
  base: Tagged<RepairSettings>;
  /** What holds now, which somebody else may have changed. */
  latest: Tagged<RepairSettings>;
  /** Begin anew with these. */
  onTake: (settings: Tagged<RepairSettings>) => void;
}

export function RepairForm({ base, latest, onTake }: RepairFormProps) {
  const change = useChangeRepairSettings();
  const mayWrite = useMay()("settings.write");
  const form = useForm<RepairFormValues>({
    mode: "controlled",
    initialValues: toForm(base.value),
    validate: problemsOf,
  });
  const isDirty = form.isDirty();
  const isStale = latest.tag !== base.tag && !change.isPending;
  useEffect(() => {
    if (isStale && !isDirty) onTake(latest);
  }, [isStale, isDirty, latest, onTake]);

  const save = form.onSubmit((values) =>
    change.mutate({ tag: base.tag, changes: changesOf(toForm(base.value), values) }, { onSuccess: onTake }),
  );
  const isRefused = change.error instanceof ProblemError && change.error.status === 412;
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        {!mayWrite && (
          <Text size="sm" c="dimmed">
            Owners and admins change these.
          </Text>
        )}
        <DecidingFields form={form} disabled={!mayWrite} />
        <NoteFields form={form} disabled={!mayWrite} />
        <LlmFields form={form} disabled={!mayWrite} />
        {change.error !== null && !isRefused && <Failure error={change.error} />}
        {(isRefused || (isStale && isDirty)) && (
          <Alert color="yellow" variant="light" title="Somebody changed these settings meanwhile" role="alert">
            <Button size="xs" variant="default" mt={6} onClick={() => onTake(latest)}>
              Show theirs
            </Button>
          </Alert>
        )}
        {mayWrite && (
          <Group gap="xs" className={classes.actions} data-dirty={isDirty || undefined}>
            <Button type="submit" loading={change.isPending} disabled={!isDirty}>
              Save
            </Button>
            <Button variant="subtle" color="gray" onClick={() => form.reset()} disabled={!isDirty}>
              Discard
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}
