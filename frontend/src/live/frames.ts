/** Server-sent events as text: frames split off a stream, and what each of them says. */

export interface Frame {
  id: string | null;
  event: string;
  data: string;
}

/** Split off whole frames; what is left is the beginning of the next one. */
export function takeFrames(buffer: string): { frames: Frame[]; rest: string } {
  // A lone \r at the very end may be half of a \r\n whose other half is still on its way.
  const whole = buffer.endsWith("\r") ? buffer.slice(0, -1) : buffer;
  const parts = whole.replaceAll("\r\n", "\n").split("\n\n");
  const rest = (parts.pop() ?? "") + buffer.slice(whole.length);
  return { frames: parts.map(readFrame).filter((frame) => frame !== null), rest };
}

/** Null for comments and other frames that say nothing. An id alone says how far the stream is. */
function readFrame(text: string): Frame | null {
  let id: string | null = null;
  let event = "message";
  const data: string[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith(":")) continue;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "id") id = value;
    else if (field === "event") event = value;
    else if (field === "data") data.push(value);
  }
  return data.length > 0 || id !== null ? { id, event, data: data.join("\n") } : null;
}
