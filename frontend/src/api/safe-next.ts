/** Where to go after logging in: an address of ours, whatever somebody put into the link. */
const INNER = /^\/(?![/\\])/;

export function safeNext(next: unknown): string {
  if (typeof next !== "string" || !INNER.test(next)) return "/";
  const url = new URL(next, window.location.origin);
  return url.origin === window.location.origin ? url.pathname + url.search + url.hash : "/";
}
