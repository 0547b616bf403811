/** Oneself: who that is, colours, keys, log out. */
import { Avatar, Menu, Text, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconKeyboard, IconLogout, IconUserCircle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { logOut } from "@/api/log-in";
import { useMe } from "@/api/queries/me-query";
import { SCHEMES } from "@/app/shell/scheme-toggle";
import { showShortcuts } from "@/app/shell/shortcuts-open";
import { initials } from "@/ui/initials";
import { notifyFailure } from "@/ui/notify";

export async function endLogIn(): Promise<void> {
  try {
    await logOut();
  } catch (error) {
    notifyFailure(error);
  }
}

export function UserMenu() {
  const { user, tenant } = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = user?.display_name ?? user?.email ?? "API key";
  return (
    <Menu width={240} position="bottom-end">
      <Menu.Target>
        <UnstyledButton aria-label={`${initials(name)}: account of ${name}`} style={{ borderRadius: "50%" }} ml={4}>
          <Avatar size={30} color="entity" variant="light" aria-hidden>
            {initials(name)}
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)" truncate>
            {name}
          </Text>
          <Text size="xs" truncate>
            {user?.email}
          </Text>
          <Text size="xs">
            {tenant.role} of {tenant.name}
          </Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconUserCircle size={16} />}
          renderRoot={(props) => <Link to="/settings" search={{ tab: "profile" } as never} {...props} />}
        >
          Your account
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={showShortcuts} visibleFrom="sm">
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Label hiddenFrom="xs">Colours</Menu.Label>
        {SCHEMES.map((scheme) => (
          <Menu.Item
            key={scheme.value}
            hiddenFrom="xs"
            leftSection={<scheme.icon size={16} />}
            fw={scheme.value === colorScheme ? 650 : undefined}
            aria-current={scheme.value === colorScheme ? "true" : undefined}
            onClick={() => setColorScheme(scheme.value)}
          >
            {scheme.word}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void endLogIn()}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
