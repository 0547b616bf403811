/** The command palette: pages, connections, views, and what can be done from anywhere, by typing a few letters. */
import { Modal, VisuallyHidden } from "@mantine/core";
import { createSpotlight, Spotlight, useSpotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";

import { useCommands } from "@/app/shell/use-commands";
import { useThings } from "@/app/shell/use-things";
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
      actions={[...useCommands(), ...useThings(useSpotlight(store).opened)]}
      nothingFound="Nothing of that name"
      highlightQuery
      transitionProps={{ duration: 100, exitDuration: 0 }}
      overlayProps={{ backgroundOpacity: 0.45, blur: 0 }}
      scrollable
      maxHeight={420}
      searchProps={{
        leftSection: <Sign />,
        placeholder: "A page, a connection, a view, or something to do",
        "aria-label": "A page, a connection, a view, or something to do",
      }}
    />
  );
}

/** Besides the lens, the name of the dialog: it has none to be seen, and no other place for one. */
function Sign() {
  return (
    <>
      <IconSearch size={18} aria-hidden />
      <VisuallyHidden>
        <Modal.Title>Search or jump to</Modal.Title>
      </VisuallyHidden>
    </>
  );
}
