/**
 * Whether this browser was logged in when it was last here. Scripts cannot see the cookie; without this a first visit
 * would ask for a refresh that has to fail. It proves nothing and opens nothing. It is as old as the cookie, and counts as
 * long as that does.
 */
const HINT = "autonomos-was-logged-in";
const COUNTS_MS = 30 * 86_400_000;

export function rememberLogIn(isIn: boolean): void {
  try {
    if (isIn) window.localStorage.setItem(HINT, String(Date.now()));
    else window.localStorage.removeItem(HINT);
  } catch (refused) {
    // A browser that keeps nothing: then the cookie is tried each time.
    if (!(refused instanceof DOMException)) throw refused;
  }
}

export function mayBeLoggedIn(): boolean {
  try {
    const since = Number(window.localStorage.getItem(HINT) ?? Number.NaN);
    return Date.now() - since < COUNTS_MS;
  } catch (refused) {
    if (refused instanceof DOMException) return true;
    throw refused;
  }
}

/** Another tab of this browser logged out. */
export function onLoggedOutElsewhere(listener: () => void): () => void {
  const heard = (event: StorageEvent) => {
    if (event.key === HINT && event.newValue === null) listener();
  };
  window.addEventListener("storage", heard);
  return () => window.removeEventListener("storage", heard);
}
