/** Where people are told that something waits for them: a webhook of Slack, kept as a secret. */
import { Button, Group, Select } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconBrandSlack } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { useMay } from "@/api/queries/me-query";
import { FieldsCard } from "@/features/settings/fields-card";
import type { RepairFormValues } from "@/features/settings/repair-form-values";
import { secretsQuery } from "@/features/settings/secrets-query";
import { WebhookForm } from "@/features/settings/webhook-form";
import { Failure } from "@/ui/failure";

interface NoteFieldsProps {
  form: UseFormReturnType<RepairFormValues>;
  disabled: boolean;
}

export function NoteFields({ form, disabled }: NoteFieldsProps) {
  const may = useMay();
  const { data, error, refetch } = useQuery({ ...secretsQuery(), enabled: may("connections.read") });
  const [isAdding, adding] = useDisclosure(false);
  const chosen = form.values.slack_secret;
  const names = new Set([...(data ?? []).map((secret) => secret.name), ...(chosen === null ? [] : [chosen])]);
  return (
    <FieldsCard
      title="Notes in Slack"
      subtitle="A repair that waits, a sync that fails for good and a repair that was taken back are told there."
    >
      {error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      <Group align="flex-end" gap="xs">
        <Select
          label="Secret with the webhook"
          placeholder="No notes"
          data={[...names]}
          clearable
          searchable={names.size > 8}
          leftSection={<IconBrandSlack size={16} />}
          disabled={disabled}
          flex={1}
          miw={200}
          {...form.getInputProps("slack_secret")}
        />
        {may("secrets.write") && !disabled && (
          <Button variant="default" onClick={adding.open}>
            New webhook
          </Button>
        )}
      </Group>
      <WebhookForm
        opened={isAdding}
        onClose={adding.close}
        onPut={(name) => form.setFieldValue("slack_secret", name)}
      />
    </FieldsCard>
  );
}
