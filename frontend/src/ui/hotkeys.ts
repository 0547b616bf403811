/** Shortcuts of the page: one listener, and a list of what it listens for, which `?` shows. */

export interface Hotkey {
  /** `mod+k` together, `g d` one after the other, `?` as it is typed. */
  keys: string;
  does: string;
  section: string;
  run: () => void;
}

const SEQUENCE_MS = 1200;
let hotkeys: readonly Hotkey[] = [];
let typed: { chord: string; at: number } | null = null;
const listeners = new Set<() => void>();

export function registerHotkey(hotkey: Hotkey): () => void {
  if (hotkeys.length === 0) window.addEventListener("keydown", onKeyDown);
  change([...hotkeys, hotkey]);
  return () => {
    change(hotkeys.filter((each) => each !== hotkey));
    if (hotkeys.length === 0) window.removeEventListener("keydown", onKeyDown);
  };
}

export function readHotkeys(): readonly Hotkey[] {
  return hotkeys;
}

export function subscribeToHotkeys(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What was pressed, as `keys` writes it. */
export function chordOf(event: KeyboardEvent): string {
  const key = event.key.toLowerCase();
  const isLetter = /^[a-z0-9]$/.test(key);
  const parts = [
    event.metaKey || event.ctrlKey ? "mod" : "",
    event.altKey ? "alt" : "",
    // A sign such as ? holds its shift already.
    event.shiftKey && (isLetter || key.length > 1) ? "shift" : "",
    key,
  ];
  return parts.filter((part) => part !== "").join("+");
}

function onKeyDown(event: KeyboardEvent): void {
  const chord = chordOf(event);
  if (event.defaultPrevented || event.repeat || (isBusy(event.target) && !chord.includes("mod+"))) return;
  const sequence = typed !== null && Date.now() - typed.at < SEQUENCE_MS ? `${typed.chord} ${chord}` : null;
  typed = null;
  // The newest first: what a page or dialog said last is nearest to the person.
  const found = hotkeys.findLast((each) => each.keys === sequence) ?? hotkeys.findLast((each) => each.keys === chord);
  if (found !== undefined) {
    event.preventDefault();
    found.run();
  } else if (hotkeys.some((each) => each.keys.startsWith(`${chord} `))) {
    typed = { chord, at: Date.now() };
  }
}

/** Where letters are text, or a dialog or menu is open that has keys of its own. */
function isBusy(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest("input, textarea, select, [role=dialog], [role=menu], [role=listbox]") !== null
  );
}

function change(now: readonly Hotkey[]): void {
  hotkeys = now;
  listeners.forEach((listener) => listener());
}
