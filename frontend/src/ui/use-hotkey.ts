/** A shortcut for as long as a component is shown; `?` lists it with what it does. */
import { useEffect, useRef } from "react";

import { registerHotkey } from "@/ui/hotkeys";

interface HotkeyOptions {
  section?: string;
  disabled?: boolean;
}

export function useHotkey(keys: string, does: string, run: () => void, options: HotkeyOptions = {}): void {
  const { section = "This page", disabled = false } = options;
  const newest = useRef(run);
  useEffect(() => {
    newest.current = run;
  });
  useEffect(() => {
    if (disabled) return undefined;
    return registerHotkey({ keys, does, section, run: () => newest.current() });
  }, [keys, does, section, disabled]);
}
