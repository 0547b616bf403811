/** Where one can go, by section; narrow it shows signs alone, with their names on hover. */
import { ActionIcon, Box, Flex, ScrollArea, Tooltip } from "@mantine/core";
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { SECTIONS, type NavEntry } from "@/app/page-entry";
import { useNavPages } from "@/app/shell/use-nav-pages";
import classes from "./shell.module.css";

interface SidebarProps {
  isNarrow: boolean;
  onNarrow?: () => void;
}

export function Sidebar({ isNarrow, onNarrow }: SidebarProps) {
  const pages = useNavPages();
  const sections = SECTIONS.map((name) => ({ name, pages: pages.filter((page) => page.section === name) }));
  const Fold = isNarrow ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  return (
    <Flex direction="column" h="100%">
      <ScrollArea flex={1} mih={0} type="never" viewportProps={{ tabIndex: -1 }}>
        <nav className={classes.sidebar} aria-label="Pages">
          {sections
            .filter((section) => section.pages.length > 0)
            .map((section, at) => (
              <Box key={section.name} role="group" aria-label={section.name}>
                {isNarrow ? (
                  at > 0 && <div className={classes.divider} />
                ) : (
                  <div className={classes.section}>{section.name}</div>
                )}
                {section.pages.map((page) => (
                  <Entry key={page.path} page={page} isNarrow={isNarrow} />
                ))}
              </Box>
            ))}
        </nav>
      </ScrollArea>
      {onNarrow !== undefined && (
        <Box className={classes.fold}>
          <Tooltip label={isNarrow ? "Widen" : "Narrow"} position="right">
            <ActionIcon
              variant="subtle"
              color="gray"
              size={36}
              onClick={onNarrow}
              aria-label={isNarrow ? "Widen the sidebar" : "Narrow the sidebar"}
            >
              <Fold size={18} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        </Box>
      )}
    </Flex>
  );
}

function Entry({ page, isNarrow }: { page: NavEntry; isNarrow: boolean }) {
  const { icon: Icon, badge: Badge } = page;
  const link = (
    <Link
      to={page.path}
      className={classes.entry}
      activeOptions={{ exact: page.path === "/", includeSearch: false }}
      aria-label={isNarrow ? page.title : undefined}
    >
      <Icon size={18} stroke={1.7} aria-hidden />
      {!isNarrow && (
        <>
          <Box component="span" flex={1}>
            {page.title}
          </Box>
          {Badge !== undefined && <Badge />}
        </>
      )}
    </Link>
  );
  return isNarrow ? (
    <Tooltip label={page.title} position="right" openDelay={150}>
      {link}
    </Tooltip>
  ) : (
    link
  );
}
