/** The organisation one is in, and the others one belongs to. */
import { Menu, Text, UnstyledButton } from "@mantine/core";
import { IconCheck, IconSelector } from "@tabler/icons-react";

import { switchTenant } from "@/api/log-in";
import { useMe } from "@/api/queries/me-query";
import { notifyFailure } from "@/ui/notify";
import classes from "./shell.module.css";

export async function goToTenant(tenantId: string): Promise<void> {
  try {
    await switchTenant(tenantId);
  } catch (error) {
    notifyFailure(error);
  }
}

export function TenantSwitcher() {
  const { tenant, tenants } = useMe();
  if (tenants.length < 2) {
    return (
      <div className={classes.tenant}>
        <Text fw={600} size="sm" truncate>
          {tenant.name}
        </Text>
      </div>
    );
  }
  return (
    <Menu width={260} position="bottom-start">
      <Menu.Target>
        <UnstyledButton className={classes.tenant} aria-label={`Organisation: ${tenant.name}. Switch`}>
          <Text fw={600} size="sm" truncate component="span">
            {tenant.name}
          </Text>
          <IconSelector size={16} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown mah="70vh" style={{ overflowY: "auto" }}>
        <Menu.Label>Your organisations</Menu.Label>
        {tenants.map((other) => (
          <Menu.Item
            key={other.id}
            aria-current={other.id === tenant.id ? "true" : undefined}
            rightSection={other.id === tenant.id ? <IconCheck size={16} /> : null}
            onClick={() => other.id !== tenant.id && void goToTenant(other.id)}
          >
            <Text size="sm" fw={550} truncate>
              {other.name}
            </Text>
            <Text size="xs" c="dimmed">
              {other.role}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
