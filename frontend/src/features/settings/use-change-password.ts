/** Change one's password; all other log-ins end. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client } from "@/api/client";
import type { Schemas } from "@/api/types";
import { notifyDone } from "@/ui/notify";

export function useChangePassword() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["PasswordIn"]) => client.POST("/api/v1/auth/password", { body }),
    onSuccess: () => {
      notifyDone("Your password is changed. Your other devices are logged out.");
      return queries.invalidateQueries({ queryKey: ["logins"] });
    },
    gcTime: 0,
  });
}
