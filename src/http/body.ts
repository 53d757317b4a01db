import type { IncomingMessage } from "node:http";
import pLimit from "p-limit";
import { ProviderError } from "../errors.ts";
import { maxBodyBytes } from "./message.ts";

/** A body up to here is read as it comes: no store's usual secret is larger. */
const usualBytes = 1024 ** 2;

/** So many larger bodies are read at once by the whole process; the others stay where they are until their turn. */
const largeAtOnce = pLimit(4);

/** The whole body. Throws `LK0038` for one over `maxBodyBytes`, and what the connection throws. */
export async function readBody(response: IncomingMessage): Promise<Buffer> {
  const read: Uint8Array[] = [];
  const chunks: AsyncIterator<Uint8Array> = response[Symbol.asyncIterator]();
  const size = await readUpTo(usualBytes, chunks, read);
  if (size > usualBytes) {
    await largeAtOnce(async () => {
      if ((await readUpTo(maxBodyBytes - size, chunks, read)) <= maxBodyBytes - size) return;
      await chunks.return?.();
      throw tooLarge();
    });
  }
  return Buffer.concat(read);
}

/** Reads until there is no more, or more than `most`; says how many bytes came. */
async function readUpTo(most: number, chunks: AsyncIterator<Uint8Array>, read: Uint8Array[]): Promise<number> {
  let size = 0;
  while (size <= most) {
    const next = await chunks.next();
    if (next.done === true) return size;
    size += next.value.byteLength;
    read.push(next.value);
  }
  return size;
}

function tooLarge(): ProviderError {
  return new ProviderError("LK0038", `the store's answer is larger than ${maxBodyBytes} bytes`, {
    fix: "split the secret into smaller ones",
  });
}
