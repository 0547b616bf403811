/** A new organisation, with oneself as its owner. */
import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { hasLength, isEmail, isNotEmpty } from "@mantine/form";

import { register } from "@/api/log-in";
import { AuthFailure } from "@/features/auth/auth-failure";
import { AuthFrame, AuthLink } from "@/features/auth/auth-frame";
import { useAuthForm } from "@/features/auth/use-auth-form";

export default function RegisterPage() {
  const { form, submit, busy, error } = useAuthForm(
    {
      initialValues: { organisation: "", display_name: "", email: "", password: "" },
      validate: {
        organisation: isNotEmpty("Give it a name"),
        email: isEmail("Write your e-mail address"),
        password: hasLength({ min: 8 }, "8 characters or more"),
      },
    },
    ({ display_name, ...values }) => register({ ...values, display_name: display_name.trim() || null }),
  );
  return (
    <AuthFrame
      title="Create an organisation"
      subtitle="You will be its owner and can invite others."
      footer={
        <>
          Have an account? <AuthLink to="/login">Log in</AuthLink>
        </>
      }
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {error !== null && <AuthFailure error={error} />}
          <TextInput
            label="Organisation"
            autoComplete="organization"
            autoFocus
            maxLength={200}
            key={form.key("organisation")}
            {...form.getInputProps("organisation")}
          />
          <TextInput
            label="Your name"
            description="As others see it. May be left out."
            autoComplete="name"
            maxLength={100}
            key={form.key("display_name")}
            {...form.getInputProps("display_name")}
          />
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            key={form.key("email")}
            {...form.getInputProps("email")}
          />
          <PasswordInput
            label="Password"
            description="8 characters or more, and not one that everybody tries first."
            autoComplete="new-password"
            key={form.key("password")}
            {...form.getInputProps("password")}
          />
          <Button type="submit" loading={busy} fullWidth mt={4}>
            Create
          </Button>
        </Stack>
      </form>
    </AuthFrame>
  );
}
