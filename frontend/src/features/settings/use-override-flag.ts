/** Give this organisation a feature or keep it from it, or go back to the roll-out. For who runs the platform. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { client } from "@/api/client";
import { useMe } from "@/api/queries/me-query";
import { notifyFailure } from "@/ui/notify";

interface Override {
  name: string;
  /** null: as the roll-out has it. */
  isOn: boolean | null;
}

const ADDRESS = "/api/v1/admin/platform-flags/{name}/tenants/{tenant_id}";

export function useOverrideFlag() {
  const queries = useQueryClient();
  const { tenant } = useMe();
  return useMutation({
    mutationFn: ({ name, isOn }: Override) => {
      const params = { path: { name, tenant_id: tenant.id } };
      return isOn === null
        ? client.DELETE(ADDRESS, { params })
        : client.PUT(ADDRESS, { params, body: { is_on: isOn } });
    },
    onError: notifyFailure,
    onSettled: () => queries.invalidateQueries({ queryKey: ["flags"] }),
  });
}
