/** Colours and type: green is a source, blue an entity, purple an agent or an insight; everything else stays quiet. */
import {
  Alert,
  Checkbox,
  createTheme,
  Drawer,
  Menu,
  Modal,
  PasswordInput,
  Popover,
  Tabs,
  Tooltip,
  type MantineColorsTuple,
} from "@mantine/core";

const source: MantineColorsTuple = [
  "#e6f8f1",
  "#cdf0e2",
  "#9ce1c6",
  "#67d1a8",
  "#3dc48f",
  "#1fb67d",
  "#0f9d6a",
  "#0a8057",
  "#066747",
  "#034d35",
];
const entity: MantineColorsTuple = [
  "#e8f1fd",
  "#d0e2fb",
  "#a3c6f6",
  "#73a8f0",
  "#4b8eea",
  "#2f7de1",
  "#2068c4",
  "#1856a3",
  "#124583",
  "#0b3363",
];
const insight: MantineColorsTuple = [
  "#f3eefd",
  "#e6dcfb",
  "#cdb9f6",
  "#b294f0",
  "#9b74ea",
  "#8250df",
  "#6f3fc7",
  "#5c33a6",
  "#4a2886",
  "#371d66",
];

// Mantine's steps: 0 text, 2 dimmed, 4 borders, 6 fields, 7 the page.
const dark: MantineColorsTuple = [
  "#d5dbe3",
  "#b6bfca",
  "#97a1af",
  "#727c8a",
  "#333b47",
  "#262d37",
  "#1b2027",
  "#14181e",
  "#0f1217",
  "#0a0c10",
];

const TITLE = { fontWeight: 650 };
// What closes is gone when the next key is pressed: `g s` right after Escape is meant for the page. Popovers take no 0.
const AT_ONCE = 1;

export const theme = createTheme({
  fontFamily: "'Quicksand Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  headings: { fontFamily: "'Quicksand Variable', system-ui, sans-serif", fontWeight: "650" },
  colors: { source, entity, insight, dark },
  primaryColor: "entity",
  primaryShade: 6,
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  autoContrast: true,
  components: {
    // Its colour is in ground and icon; words in it would be too pale to read.
    Alert: Alert.extend({ styles: { title: { color: "var(--mantine-color-text)" } } }),
    // Rounder, it would look like one of several that exclude each other.
    Checkbox: Checkbox.extend({ defaultProps: { radius: "sm" } }),
    // The first item takes the focus; a place before it is none that a menu may hold.
    Menu: Menu.extend({
      defaultProps: {
        withInitialFocusPlaceholder: false,
        transitionProps: { transition: "fade", duration: 100, exitDuration: AT_ONCE },
      },
    }),
    Popover: Popover.extend({
      defaultProps: { transitionProps: { transition: "fade", duration: 100, exitDuration: AT_ONCE } },
    }),
    Modal: Modal.extend({
      defaultProps: {
        transitionProps: { transition: "fade", duration: 120, exitDuration: 0 },
        closeButtonProps: { "aria-label": "Close" },
      },
      styles: { title: TITLE },
    }),
    Drawer: Drawer.extend({
      defaultProps: {
        transitionProps: { duration: 150, exitDuration: 0 },
        closeButtonProps: { "aria-label": "Close" },
      },
      styles: { title: TITLE },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 200, withArrow: true } }),
    Tabs: Tabs.extend({ styles: { tabLabel: { fontWeight: 600 } } }),
    // An outline at the field's right end that says nothing to who cannot see it.
    PasswordInput: PasswordInput.extend({
      defaultProps: { visibilityToggleButtonProps: { "aria-label": "Show or hide the password", tabIndex: 0 } },
    }),
  },
});
