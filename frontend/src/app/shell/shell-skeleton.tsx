/** The frame while it is not known yet who one is: as large as the frame itself, so that nothing moves. */
import { AppShell, Group, Skeleton, Stack } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";

import { HEADER_HEIGHT, NAVBAR_NARROW, NAVBAR_WIDE } from "@/app/shell/sizes";
import { PageSkeleton } from "@/ui/skeletons";
import classes from "./shell.module.css";

export function ShellSkeleton() {
  const [isNarrow] = useLocalStorage({ key: "autonomos-narrow", defaultValue: false, getInitialValueInEffect: false });
  return (
    <AppShell
      header={{ height: HEADER_HEIGHT }}
      navbar={{ width: isNarrow ? NAVBAR_NARROW : NAVBAR_WIDE, breakpoint: "md", collapsed: { mobile: true } }}
      transitionDuration={0}
      aria-busy
    >
      <AppShell.Header>
        <Group h="100%" px="md" gap="sm">
          <img src="/icon.svg" alt="" width={26} height={26} />
          <Skeleton height={14} width={140} />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar}>
        <Stack p={20} gap={22}>
          {Array.from({ length: 8 }, (_, each) => (
            <Skeleton key={each} height={14} width={isNarrow ? 20 : `${80 - ((each * 13) % 30)}%`} />
          ))}
        </Stack>
      </AppShell.Navbar>
      <AppShell.Main>
        <PageSkeleton />
      </AppShell.Main>
    </AppShell>
  );
}
