/** A page for those who may see it, and a clear word for the others. */
import { IconLock } from "@tabler/icons-react";
import type { ComponentType, FunctionComponent } from "react";

import { useMay, useMe } from "@/api/queries/me-query";
import type { Permission } from "@/api/types";
import { Empty } from "@/ui/empty";

interface Preloaded {
  preload?: () => Promise<void> | undefined;
}

export function allowed(permission: Permission, Page: ComponentType & Preloaded): FunctionComponent & Preloaded {
  function Allowed() {
    const may = useMay();
    const { tenant } = useMe();
    if (may(permission)) return <Page />;
    return (
      <Empty title="Your role does not allow this page" icon={<IconLock size={24} stroke={1.6} />}>
        You are {tenant.role} of {tenant.name}. An owner or admin can give you a role with “{permission}”.
      </Empty>
    );
  }
  return Object.assign(Allowed, { preload: Page.preload });
}
