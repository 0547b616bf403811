/** A webhook of Slack, put into the organisation's secrets. */
import { Button, Group, Modal, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";

import { usePutSecret } from "@/features/settings/use-put-secret";
import { Failure } from "@/ui/failure";

interface WebhookFormProps {
  opened: boolean;
  onClose: () => void;
  onPut: (name: string) => void;
}

export function WebhookForm({ opened, onClose, onPut }: WebhookFormProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="New webhook" centered>
      <Fields
        onClose={onClose}
        onPut={(name) => {
          onPut(name);
          onClose();
        }}
      />
    </Modal>
  );
}

function Fields({ onClose, onPut }: Omit<WebhookFormProps, "opened">) {
  const put = usePutSecret();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { name: "slack-webhook", url: "" },
    validate: {
      name: (name) => (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name) ? null : "Letters, digits, dots, hyphens"),
      url: (url) => (url.startsWith("https://") ? null : "Begins with https://"),
    },
  });
  // A dialog of a form: its button must not send the form around it, which events reach through the tree of components.
  const send = form.onSubmit(({ name, url }, event) => {
    event?.stopPropagation();
    put.mutate({ name, value: url }, { onSuccess: () => onPut(name) });
  });
  return (
    <form onSubmit={send} noValidate>
      <Stack gap="md">
        {put.error !== null && <Failure error={put.error} />}
        <TextInput label="Name of the secret" key={form.key("name")} {...form.getInputProps("name")} />
        <PasswordInput
          label="Address of the webhook"
          description="Sealed, and never shown again."
          data-autofocus
          autoComplete="off"
          key={form.key("url")}
          {...form.getInputProps("url")}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={put.isPending}>
            Put
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
