/** What the palette offers in every organisation: its pages, and what can be done from anywhere. */
import { Box, useMantineColorScheme } from "@mantine/core";
import type { SpotlightActionGroupData } from "@mantine/spotlight";
import { IconBuilding, IconKeyboard, IconLogout, IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";

import { useMay, useMe } from "@/api/queries/me-query";
import { SCHEMES } from "@/app/shell/scheme-toggle";
import { showShortcuts } from "@/app/shell/shortcuts-open";
import { goToTenant } from "@/app/shell/tenant-switcher";
import { useNavPages } from "@/app/shell/use-nav-pages";
import { endLogIn } from "@/app/shell/user-menu";
import { KeyHint } from "@/ui/key-hint";

export function useCommands(): SpotlightActionGroupData[] {
  const navigate = useNavigate();
  const pages = useNavPages();
  const may = useMay();
  const { tenant, tenants } = useMe();
  const { setColorScheme } = useMantineColorScheme();
  const connect = {
    id: "connect",
    label: "Connect a source",
    leftSection: <IconPlus size={18} stroke={1.7} />,
    onClick: () => void navigate({ to: "/connections/new" }),
  };
  return [
    {
      group: "Pages",
      actions: pages.map(({ path, title, section, letter, icon: Icon }) => ({
        id: path,
        label: title,
        keywords: [section],
        leftSection: <Icon size={18} stroke={1.7} />,
        rightSection: (
          <Box visibleFrom="sm">
            <KeyHint keys={`g ${letter}`} />
          </Box>
        ),
        onClick: () => void navigate({ to: path }),
      })),
    },
    {
      group: "Actions",
      actions: [
        ...(may("connections.write") ? [connect] : []),
        ...tenants
          .filter(({ id }) => id !== tenant.id)
          .map(({ id, name }) => ({
            id: `tenant:${id}`,
            label: `Switch to ${name}`,
            keywords: ["organisation", "tenant"],
            leftSection: <IconBuilding size={18} stroke={1.7} />,
            onClick: () => void goToTenant(id),
          })),
        ...SCHEMES.map(({ value, word, icon: Icon }) => ({
          id: `scheme:${value}`,
          label: `Colours: ${word}`,
          keywords: ["theme", "dark mode"],
          leftSection: <Icon size={18} stroke={1.7} />,
          onClick: () => setColorScheme(value),
        })),
        {
          id: "keys",
          label: "Keyboard shortcuts",
          leftSection: <IconKeyboard size={18} stroke={1.7} />,
          onClick: showShortcuts,
        },
        {
          id: "log-out",
          label: "Log out",
          leftSection: <IconLogout size={18} stroke={1.7} />,
          onClick: () => void endLogIn(),
        },
      ],
    },
  ];
}
