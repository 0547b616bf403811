/**
 * Whether this browser was logged in when it was last here. Scripts cannot see the cookie; without this a first visit
 * would ask for a refresh that has to fail. It proves nothing and opens nothing.
 */
const HINT = "autonomos-was-logged-in";

export function rememberLogIn(isIn: boolean): void {
  try {
    if (isIn) window.localStorage.setItem(HINT, "1");
    else window.localStorage.removeItem(HINT);
  } catch (refused) {
    // A browser that keeps nothing: then the cookie is tried each time.
    if (!(refused instanceof DOMException)) throw refused;
  }
}

export function mayBeLoggedIn(): boolean {
  try {
    return window.localStorage.getItem(HINT) !== null;
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
