/** What the forms of this feature share: sending, errors beside their fields, and going where one wanted to go. */
import { useForm, type UseFormInput } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";

import { fieldErrors } from "@/api/problem";
import { safeNext } from "@/api/safe-next";

export function useAuthForm<T extends Record<string, string>>(
  input: UseFormInput<T> & { initialValues: T },
  send: (values: T) => Promise<void>,
) {
  const router = useRouter();
  const search: Record<string, unknown> = useSearch({ strict: false });
  const form = useForm<T>({ mode: "uncontrolled", ...input });
  const sending = useMutation({
    mutationFn: send,
    onSuccess: () => router.history.push(safeNext(search["next"])),
    onError: (error) => {
      const known = Object.entries(fieldErrors(error)).filter(([name]) => name in input.initialValues);
      form.setErrors(Object.fromEntries(known));
    },
  });
  const listed = sending.isError && Object.keys(form.errors).length > 0;
  return {
    form,
    submit: form.onSubmit((values) => sending.mutate(values)),
    busy: sending.isPending || sending.isSuccess,
    /** What no field is to blame for. */
    error: sending.isError && !listed ? sending.error : null,
  };
}
