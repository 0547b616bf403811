/** The whole history as a file, its last line the signed head. */
import { useMutation } from "@tanstack/react-query";

import { client, unwrap } from "@/api/client";
import { notifyFailure } from "@/ui/notify";

export function useExportAudit() {
  return useMutation({
    mutationFn: () => unwrap(client.GET("/api/v1/admin/audit/export", { parseAs: "blob" })),
    onSuccess: (file) => {
      const address = URL.createObjectURL(file);
      const link = document.createElement("a");
      link.href = address;
      link.download = "audit.jsonl";
      link.click();
      URL.revokeObjectURL(address);
    },
    onError: notifyFailure,
  });
}
