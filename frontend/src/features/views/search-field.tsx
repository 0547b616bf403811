/** Text that is looked for in all text columns; asks when the typing pauses. */
import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useRef, useState } from "react";

import { useHotkey } from "@/ui/use-hotkey";

export function SearchField({ q, onSearch }: { q: string; onSearch: (q: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(q);
  const [known, setKnown] = useState(q);
  // The address changed by itself: by Back, or a saved listing.
  if (q !== known) {
    setKnown(q);
    setTyped(q);
  }
  const search = useDebouncedCallback((text: string) => {
    setKnown(text);
    onSearch(text);
  }, 350);
  useHotkey("/", "Search the rows", () => field.current?.focus());
  return (
    <TextInput
      ref={field}
      type="search"
      aria-label="Search the text columns"
      placeholder="Search the text columns"
      leftSection={<IconSearch size={16} />}
      flex="1 1 200px"
      maw={{ base: "100%", sm: 260 }}
      value={typed}
      maxLength={200}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        search(currentTarget.value.trim());
      }}
      rightSection={
        typed !== "" && (
          <CloseButton
            size="sm"
            aria-label="Clear the search"
            onClick={() => {
              setTyped("");
              search("");
              field.current?.focus();
            }}
          />
        )
      }
    />
  );
}
