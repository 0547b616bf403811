/** A new password, by way of the old one. */
import { Button, Group, PasswordInput, Stack } from "@mantine/core";
import { hasLength, isNotEmpty, useForm } from "@mantine/form";

import { fieldErrors } from "@/api/problem";
import { useMe } from "@/api/queries/me-query";
import { FieldsCard } from "@/features/settings/fields-card";
import { useChangePassword } from "@/features/settings/use-change-password";
import { Failure } from "@/ui/failure";

export function PasswordForm() {
  const { user } = useMe();
  const change = useChangePassword();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { old_password: "", new_password: "" },
    validate: {
      old_password: isNotEmpty("Write the one so far"),
      new_password: hasLength({ min: 8 }, "8 characters or more"),
    },
  });
  const save = form.onSubmit((values) =>
    change.mutate(values, { onSuccess: () => form.reset(), onError: (error) => form.setErrors(fieldErrors(error)) }),
  );
  return (
    <FieldsCard title="Password" subtitle="Changing it logs out all your other devices.">
      <form onSubmit={save} noValidate>
        <Stack gap="md">
          {change.error !== null && <Failure error={change.error} />}
          <input type="hidden" autoComplete="username" value={user?.email ?? ""} readOnly />
          <PasswordInput
            label="Password so far"
            autoComplete="current-password"
            key={form.key("old_password")}
            {...form.getInputProps("old_password")}
          />
          <PasswordInput
            label="New password"
            description="8 characters or more, and not one that everybody tries first."
            autoComplete="new-password"
            key={form.key("new_password")}
            {...form.getInputProps("new_password")}
          />
          <Group>
            <Button type="submit" loading={change.isPending}>
              Change the password
            </Button>
          </Group>
        </Stack>
      </form>
    </FieldsCard>
  );
}
