/** Invite somebody: an address, a role, and then a link to hand on. */
import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { isEmail, useForm } from "@mantine/form";
import { useState } from "react";

import { fieldErrors } from "@/api/problem";
import { useMe } from "@/api/queries/me-query";
import type { Role } from "@/api/types";
import { RoleSelect } from "@/features/team/role-select";
import { linkOf, useInvite } from "@/features/team/use-invite";
import { Failure } from "@/ui/failure";
import { ShownOnce } from "@/ui/shown-once";

interface InviteFormProps {
  opened: boolean;
  onClose: () => void;
}

export function InviteForm({ opened, onClose }: InviteFormProps) {
  const [link, setLink] = useState<string | null>(null);
  return (
    <>
      <Modal opened={opened} onClose={onClose} title="Invite somebody" centered>
        <Fields
          onClose={onClose}
          onInvited={(made) => {
            onClose();
            setLink(made);
          }}
        />
      </Modal>
      <ShownOnce title="Hand this link on" secret={link} what="link" onClose={() => setLink(null)}>
        No mail is sent. Whoever opens this link joins with the invited address. It is shown this once.
      </ShownOnce>
    </>
  );
}

function Fields({ onClose, onInvited }: { onClose: () => void; onInvited: (link: string) => void }) {
  const { tenant } = useMe();
  const invite = useInvite();
  const [role, setRole] = useState<Role>("viewer");
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { email: "" },
    validate: { email: isEmail("Write an e-mail address") },
  });
  const send = form.onSubmit(({ email }) =>
    invite.mutate(
      { email, role },
      { onSuccess: (made) => onInvited(linkOf(made)), onError: (error) => form.setErrors(fieldErrors(error)) },
    ),
  );
  return (
    <form onSubmit={send} noValidate>
      <Stack gap="md">
        {invite.error !== null && <Failure error={invite.error} />}
        <TextInput
          label="E-mail"
          type="email"
          data-autofocus
          autoComplete="off"
          key={form.key("email")}
          {...form.getInputProps("email")}
        />
        <RoleSelect label="Role" mine={tenant.role} value={role} onChange={setRole} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={invite.isPending}>
            Make the link
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
