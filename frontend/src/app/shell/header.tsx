/** What is at hand on every page: where one is, search, how live it is, what waits, and oneself. */
import { ActionIcon, Box, Burger, Button, Tooltip } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { AttentionBell } from "@/app/shell/attention-bell";
import { LiveIndicator } from "@/app/shell/live-indicator";
import { openPalette } from "@/app/shell/palette";
import { SchemeToggle } from "@/app/shell/scheme-toggle";
import { TenantSwitcher } from "@/app/shell/tenant-switcher";
import { UserMenu } from "@/app/shell/user-menu";
import { KeyHint } from "@/ui/key-hint";
import classes from "./shell.module.css";

export function Header({ isMenuOpen, onMenu }: { isMenuOpen: boolean; onMenu: () => void }) {
  return (
    <div className={classes.header}>
      <Burger opened={isMenuOpen} onClick={onMenu} hiddenFrom="md" size="sm" aria-label="Pages" />
      <Link to="/" className={classes.logo} aria-label="AutonomOS, first page">
        <img src="/icon.svg" alt="" width={26} height={26} />
        <Box component="span" visibleFrom="md">
          AutonomOS
        </Box>
      </Link>
      <Box component="span" c="dimmed" visibleFrom="md" aria-hidden>
        /
      </Box>
      <TenantSwitcher />
      <Box flex={1} />
      <LiveIndicator />
      <Button
        className={classes.search}
        visibleFrom="lg"
        variant="default"
        styles={{ label: { flex: 1 } }}
        leftSection={<IconSearch size={16} />}
        rightSection={<KeyHint keys="mod+k" />}
        onClick={openPalette}
      >
        Search or jump to
      </Button>
      <Tooltip label="Search or jump to">
        <ActionIcon
          hiddenFrom="lg"
          variant="subtle"
          color="gray"
          size={36}
          onClick={openPalette}
          aria-label="Search or jump to"
        >
          <IconSearch size={18} />
        </ActionIcon>
      </Tooltip>
      <AttentionBell />
      <Box visibleFrom="xs">
        <SchemeToggle />
      </Box>
      <UserMenu />
    </div>
  );
}
