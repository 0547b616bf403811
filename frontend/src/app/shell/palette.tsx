/** The command palette: every page and what can be done from anywhere, by typing a few letters. */
import { useMantineColorScheme } from "@mantine/core";
import { createSpotlight, Spotlight, type SpotlightActionGroupData } from "@mantine/spotlight";
import { IconBuilding, IconKeyboard, IconLogout, IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";

import { useMe } from "@/api/queries/me-query";
import { SCHEMES } from "@/app/shell/scheme-toggle";
import { showShortcuts } from "@/app/shell/shortcuts-open";
import { goToTenant } from "@/app/shell/tenant-switcher";
import { useNavPages } from "@/app/shell/use-nav-pages";
import { endLogIn } from "@/app/shell/user-menu";
import { KeyHint } from "@/ui/key-hint";
import { useHotkey } from "@/ui/use-hotkey";

const [store, palette] = createSpotlight();

export function openPalette(): void {
  palette.open();
}

export function Palette() {
  useHotkey("mod+k", "Go to a page or do something", palette.toggle, { section: "Everywhere" });
  return (
    <Spotlight
      store={store}
      shortcut={null}
      actions={useActions()}
      nothingFound="Nothing of that name"
      highlightQuery
      transitionProps={{ duration: 100 }}
      scrollable
      maxHeight={420}
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: "Go to a page or do something",
        "aria-label": "Go to a page or do something",
      }}
    />
  );
}

function useActions(): SpotlightActionGroupData[] {
  const navigate = useNavigate();
  const pages = useNavPages();
  const { tenant, tenants } = useMe();
  const { setColorScheme } = useMantineColorScheme();
  return [
    {
      group: "Pages",
      actions: pages.map(({ path, title, section, letter, icon: Icon }) => ({
        id: path,
        label: title,
        keywords: [section],
        leftSection: <Icon size={18} stroke={1.7} />,
        rightSection: <KeyHint keys={`g ${letter}`} />,
        onClick: () => void navigate({ to: path }),
      })),
    },
    {
      group: "Actions",
      actions: [
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
