/** Oneself, as others see it. */
import { Button, Group, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";

import { useMe } from "@/api/queries/me-query";
import { FieldsCard } from "@/features/settings/fields-card";
import { useChangeName } from "@/features/settings/use-change-name";
import { Failure } from "@/ui/failure";

export function ProfilePanel() {
  const { user, tenant } = useMe();
  const change = useChangeName();
  const form = useForm({ mode: "controlled", initialValues: { name: user?.display_name ?? "" } });
  const save = form.onSubmit(({ name }) => change.mutate(name.trim() || null, { onSuccess: () => form.resetDirty() }));
  return (
    <FieldsCard title="You" subtitle={`${tenant.role} of ${tenant.name}`}>
      <form onSubmit={save}>
        {change.error !== null && <Failure error={change.error} />}
        <TextInput
          label="E-mail"
          value={user?.email ?? ""}
          readOnly
          description="It is how you log in and cannot be changed."
        />
        <TextInput
          mt="md"
          label="Your name"
          description="As others see it; your address when it is empty."
          maxLength={100}
          autoComplete="name"
          {...form.getInputProps("name")}
        />
        <Group mt="md">
          <Button type="submit" loading={change.isPending} disabled={!form.isDirty()}>
            Save
          </Button>
        </Group>
      </form>
    </FieldsCard>
  );
}
