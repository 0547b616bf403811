/** Joining: by the password the address has, by a new one, or by the log-in this browser has already. */
import { Button, Divider, PasswordInput, Stack, TextInput } from "@mantine/core";
import { hasLength, isNotEmpty } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";

import { acceptInvitation } from "@/api/log-in";
import type { Schemas } from "@/api/types";
import { useSession } from "@/api/use-session";
import { AuthFailure } from "@/features/auth/auth-failure";
import { useAuthForm } from "@/features/auth/use-auth-form";
import { Failure } from "@/ui/failure";

interface AcceptFormProps {
  token: string;
  invitation: Schemas["InvitationShownOut"];
}

export function AcceptForm({ token, invitation }: AcceptFormProps) {
  const isNew = !invitation.has_account;
  const { form, submit, busy, error } = useAuthForm(
    {
      initialValues: { password: "", display_name: "" },
      validate: { password: isNew ? hasLength({ min: 8 }, "8 characters or more") : isNotEmpty("Write your password") },
    },
    ({ password, display_name }) =>
      acceptInvitation({ token, password, display_name: display_name.trim() || null }, false),
  );
  return (
    <Stack gap="md">
      <JoinAsMember token={token} invitation={invitation} />
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {error !== null && (
            <AuthFailure
              error={error}
              refused="That is not the password"
              advice={`It has to be the one ${invitation.email} logs in with here.`}
            />
          )}
          <input type="hidden" autoComplete="username" value={invitation.email} readOnly />
          {isNew && (
            <TextInput
              label="Your name"
              description="As others see it. May be left out."
              autoComplete="name"
              maxLength={100}
              key={form.key("display_name")}
              {...form.getInputProps("display_name")}
            />
          )}
          <PasswordInput
            label={isNew ? "Choose a password" : "Password"}
            description={
              isNew
                ? "8 characters or more, and not one that everybody tries first."
                : `The one ${invitation.email} logs in with here.`
            }
            autoComplete={isNew ? "new-password" : "current-password"}
            key={form.key("password")}
            {...form.getInputProps("password")}
          />
          <Button type="submit" loading={busy} fullWidth>
            Join {invitation.tenant_name}
          </Button>
        </Stack>
      </form>
    </Stack>
  );
}

function JoinAsMember({ token, invitation }: AcceptFormProps) {
  const { status } = useSession();
  const router = useRouter();
  const join = useMutation({
    mutationFn: () => acceptInvitation({ token }, true),
    onSuccess: () => router.history.push("/"),
  });
  if (status !== "in" || !invitation.has_account) return null;
  return (
    <>
      {join.error !== null && <Failure error={join.error} />}
      <Button variant="default" loading={join.isPending} onClick={() => join.mutate()}>
        Join with this log-in
      </Button>
      <Divider label="or" />
    </>
  );
}
