/** A secret's value, put once and never shown: one text, or several fields as JSON. */
import { Button, Group, Modal, PasswordInput, SegmentedControl, Stack, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";

import { usePutSecret } from "@/features/settings/use-put-secret";
import { Failure } from "@/ui/failure";
import { notifyDone } from "@/ui/notify";

interface SecretFormProps {
  opened: boolean;
  onClose: () => void;
  /** null: a new one. */
  name: string | null;
}

export function SecretForm({ opened, onClose, name }: SecretFormProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={name === null ? "New secret" : `New value for ${name}`} centered>
      <Fields name={name} onClose={onClose} />
    </Modal>
  );
}

interface Values {
  name: string;
  shape: "text" | "fields";
  text: string;
  fields: string;
}

function Fields({ name, onClose }: Omit<SecretFormProps, "opened">) {
  const put = usePutSecret();
  const form = useForm<Values>({
    initialValues: { name: name ?? "", shape: "text", text: "", fields: "" },
    validate: {
      name: (value) => (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(value) ? null : "Letters, digits, dots, hyphens"),
      text: (value, { shape }) => (shape === "text" && value === "" ? "Write its value" : null),
      fields: (value, { shape }) =>
        shape === "fields" && objectOf(value) === null ? 'An object, such as {"key": "…"}' : null,
    },
  });
  const isText = form.values.shape === "text";
  const send = form.onSubmit((values, event) => {
    event?.stopPropagation();
    const value = isText ? values.text : (objectOf(values.fields) ?? {});
    put.mutate(
      { name: values.name, value },
      {
        onSuccess: () => {
          notifyDone(`The secret ${values.name} is put. Connections take it from their next sync on.`);
          onClose();
        },
      },
    );
  });
  return (
    <form onSubmit={send} noValidate>
      <Stack gap="md">
        {put.error !== null && <Failure error={put.error} />}
        {name === null && (
          <TextInput label="Name" placeholder="crm-key" data-autofocus {...form.getInputProps("name")} />
        )}
        <SegmentedControl
          aria-label="Shape of the value"
          data={[
            { value: "text", label: "One text" },
            { value: "fields", label: "Several fields" },
          ]}
          {...form.getInputProps("shape")}
        />
        {isText ? (
          <PasswordInput
            label="Value"
            description="Sealed, and never shown again."
            autoComplete="off"
            {...form.getInputProps("text")}
          />
        ) : (
          <Textarea
            label="Value"
            description="Fields of a configuration, as JSON. Sealed, and never shown again."
            placeholder={'{"url": "https://…", "key": "…"}'}
            autosize
            minRows={3}
            maxRows={10}
            autoComplete="off"
            spellCheck={false}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            {...form.getInputProps("fields")}
          />
        )}
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

function objectOf(written: string): Record<string, unknown> | null {
  try {
    const read: unknown = JSON.parse(written);
    return typeof read === "object" && read !== null && !Array.isArray(read)
      ? Object.fromEntries(Object.entries(read))
      : null;
  } catch (refused) {
    if (refused instanceof SyntaxError) return null;
    throw refused;
  }
}
