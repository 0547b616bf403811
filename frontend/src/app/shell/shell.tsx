/** The frame around every page of who is logged in: sidebar, header, and one stream of live events. */
import { AppShell, Drawer } from "@mantine/core";
import { useDisclosure, useLocalStorage } from "@mantine/hooks";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";

import { useSession } from "@/api/use-session";
import { Announcements } from "@/app/shell/announcements";
import { Header } from "@/app/shell/header";
import { Palette } from "@/app/shell/palette";
import { HEADER_HEIGHT, NAVBAR_NARROW, NAVBAR_WIDE } from "@/app/shell/sizes";
import { Shortcuts } from "@/app/shell/shortcuts";
import { Sidebar } from "@/app/shell/sidebar";
import { LiveProvider } from "@/live/live-provider";
import { useHotkey } from "@/ui/use-hotkey";
import classes from "./shell.module.css";

export function Shell() {
  const { tenantId } = useSession();
  // Nothing of one organisation outlives going to another.
  return (
    <LiveProvider key={tenantId}>
      <Frame />
    </LiveProvider>
  );
}

function Frame() {
  const [isNarrow, setNarrow] = useLocalStorage({
    key: "autonomos-narrow",
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const [isOpen, drawer] = useDisclosure(false);
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const { close } = drawer;
  useEffect(() => close(), [pathname, close]);
  useHotkey("[", isNarrow ? "Widen the sidebar" : "Narrow the sidebar", () => setNarrow(!isNarrow), {
    section: "Everywhere",
  });

  return (
    <AppShell
      header={{ height: HEADER_HEIGHT }}
      navbar={{ width: isNarrow ? NAVBAR_NARROW : NAVBAR_WIDE, breakpoint: "md", collapsed: { mobile: true } }}
      transitionDuration={0}
    >
      <a href="#content" className="skip-link">
        Skip to the content
      </a>
      <AppShell.Header>
        <Header isMenuOpen={isOpen} onMenu={drawer.toggle} />
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar}>
        <Sidebar isNarrow={isNarrow} onNarrow={() => setNarrow(!isNarrow)} />
      </AppShell.Navbar>
      <Drawer
        opened={isOpen}
        onClose={drawer.close}
        size={280}
        title="AutonomOS"
        hiddenFrom="md"
        padding={0}
        classNames={{ header: classes.drawerHeader }}
      >
        <Sidebar isNarrow={false} />
      </Drawer>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <Outlet />
      </AppShell.Main>
      <Announcements />
      <Palette />
      <Shortcuts />
    </AppShell>
  );
}
