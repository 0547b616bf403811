/** Log in with address and password. */
import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { isEmail, isNotEmpty } from "@mantine/form";

import { logIn } from "@/api/log-in";
import { AuthFrame, AuthLink } from "@/features/auth/auth-frame";
import { AuthFailure } from "@/features/auth/auth-failure";
import { useAuthForm } from "@/features/auth/use-auth-form";

export default function LogInPage() {
  const { form, submit, busy, error } = useAuthForm(
    {
      initialValues: { email: "", password: "" },
      validate: { email: isEmail("Write your e-mail address"), password: isNotEmpty("Write your password") },
    },
    logIn,
  );
  return (
    <AuthFrame
      title="Log in"
      footer={
        <>
          No organisation yet? <AuthLink to="/register">Create one</AuthLink>
        </>
      }
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {error !== null && (
            <AuthFailure
              error={error}
              refused="Address or password is wrong"
              advice="Check both. After several attempts one has to wait."
            />
          )}
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            autoFocus
            key={form.key("email")}
            {...form.getInputProps("email")}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            key={form.key("password")}
            {...form.getInputProps("password")}
          />
          <Button type="submit" loading={busy} fullWidth mt={4}>
            Log in
          </Button>
        </Stack>
      </form>
    </AuthFrame>
  );
}
