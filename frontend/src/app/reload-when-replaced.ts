/**
 * A page that was opened before an upgrade asks for chunks that are gone. It is loaded anew then, once a minute at most:
 * where the network is in the way, reloading would not help and the page says so itself.
 */
const KEPT = "autonomos.reloaded-at";
const AGAIN_MS = 60_000;

export function reloadWhenReplaced() {
  window.addEventListener("vite:preloadError", (event) => {
    const last = Number(sessionStorage.getItem(KEPT) ?? 0);
    if (Date.now() - last < AGAIN_MS) return;
    sessionStorage.setItem(KEPT, String(Date.now()));
    event.preventDefault();
    window.location.reload();
  });
}
