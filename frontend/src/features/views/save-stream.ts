/**
 * An answer into a file of the person's. Where the browser has a file system of its own the bytes go there as they come,
 * so that an export may be larger than the memory; elsewhere they are gathered first.
 */

const FOLDER = "exports";

export async function saveStream(
  answer: Response,
  name: string,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  if (answer.body === null) throw new Error("The export has no content.");
  const counted = answer.body.pipeThrough(counter(onBytes));
  const folder = await exportsFolder();
  if (folder === null) {
    download(await new Response(counted).blob(), name);
    return;
  }
  const handle = await folder.getFileHandle(name, { create: true });
  await counted.pipeTo(await handle.createWritable(), { signal });
  download(await handle.getFile(), name);
}

/** What earlier exports left is cleared away first. null where the browser has no such place. */
async function exportsFolder(): Promise<FileSystemDirectoryHandle | null> {
  if (!("storage" in navigator) || !("getDirectory" in navigator.storage)) return null;
  try {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(FOLDER, { recursive: true }).catch(() => undefined);
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    return "FileSystemFileHandle" in window && "createWritable" in FileSystemFileHandle.prototype ? folder : null;
  } catch (refusal) {
    // A private window has none.
    if (refusal instanceof DOMException) return null;
    throw refusal;
  }
}

function counter(onBytes: (bytes: number) => void): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(piece, controller) {
      bytes += piece.byteLength;
      onBytes(bytes);
      controller.enqueue(piece);
    },
  });
}

function download(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
