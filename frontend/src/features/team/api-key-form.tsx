/** A new key: its name, what it may do, how long, and then the key itself, once. */
import { Button, Checkbox, Group, Modal, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useState } from "react";

import { fieldErrors } from "@/api/problem";
import { useMe } from "@/api/queries/me-query";
import type { Permission } from "@/api/types";
import { useCreateApiKey } from "@/features/team/use-create-api-key";
import { Failure } from "@/ui/failure";
import { ShownOnce } from "@/ui/shown-once";

// People decide about people: no key makes keys or members.
const NOT_FOR_KEYS: readonly Permission[] = ["keys.manage", "members.write"];
const ENDS = [
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
  { value: "never", label: "Never" },
];

interface ApiKeyFormProps {
  opened: boolean;
  onClose: () => void;
}

export function ApiKeyForm({ opened, onClose }: ApiKeyFormProps) {
  const [key, setKey] = useState<string | null>(null);
  return (
    <>
      <Modal opened={opened} onClose={onClose} title="New API key" centered>
        <Fields
          onClose={onClose}
          onMade={(made) => {
            onClose();
            setKey(made);
          }}
        />
      </Modal>
      <ShownOnce title="Your new key" secret={key} what="key" onClose={() => setKey(null)}>
        Copy it now and keep it like a password. It cannot be shown again.
      </ShownOnce>
    </>
  );
}

function Fields({ onClose, onMade }: { onClose: () => void; onMade: (key: string) => void }) {
  const { permissions } = useMe();
  const create = useCreateApiKey();
  const form = useForm<{ name: string; scopes: Permission[]; ends: string }>({
    mode: "uncontrolled",
    initialValues: { name: "", scopes: [], ends: "90" },
    validate: {
      name: isNotEmpty("Give it a name"),
      scopes: (scopes) => (scopes.length === 0 ? "Choose at least one" : null),
    },
  });
  const send = form.onSubmit(({ name, scopes, ends }) =>
    create.mutate(
      { name, scopes, expires_in_days: ends === "never" ? null : Number(ends) },
      { onSuccess: (made) => onMade(made.key), onError: (error) => form.setErrors(fieldErrors(error)) },
    ),
  );
  return (
    <form onSubmit={send} noValidate>
      <Stack gap="md">
        {create.error !== null && <Failure error={create.error} />}
        <TextInput
          label="Name"
          description="What uses it, such as “nightly export”."
          data-autofocus
          maxLength={100}
          key={form.key("name")}
          {...form.getInputProps("name")}
        />
        <Checkbox.Group label="May" key={form.key("scopes")} {...form.getInputProps("scopes")}>
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt={6}>
            {permissions
              .filter((permission) => !NOT_FOR_KEYS.includes(permission))
              .map((permission) => (
                <Checkbox key={permission} value={permission} label={permission} />
              ))}
          </SimpleGrid>
        </Checkbox.Group>
        <Select label="Ends" data={ENDS} allowDeselect={false} key={form.key("ends")} {...form.getInputProps("ends")} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Make the key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
