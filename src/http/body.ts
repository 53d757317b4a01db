import type { IncomingMessage } from "node:http";
import pLimit from "p-limit";
import { ProviderError } from "../errors.ts";
import { maxBodyBytes } from "./message.ts";

/** A body up to here is read as it comes: no store's usual secret is larger. */
const usualBytes = 1024 ** 2;

/** A piece counts as so many bytes at least: a server that sends one byte at a time would have the process do nothing else. */
const leastPiece = 1024;

/** So many larger bodies are read at once by the whole process; the others stay where they are until their turn. */
const largeAtOnce = pLimit(4);

/** The whole body. Throws `LK0038` for one over `maxBodyBytes` or in far too many pieces, and what the connection throws. */
export function readBody(response: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const read: Uint8Array[] = [];
  let counted = 0;
  let waits = true;
  // Each piece by itself: a reader of the stream gets many of them as one, and does not see how they came.
  response.on("data", (piece: Uint8Array) => {
    read.push(piece);
    counted += Math.max(piece.byteLength, leastPiece);
    if (counted > maxBodyBytes) response.destroy(tooLarge(read));
    else if (waits && counted > usualBytes) {
      waits = false;
      response.pause();
      void largeAtOnce(async () => {
        response.resume();
        await promise.catch(() => undefined);
      });
    }
  });
  response.once("end", () => resolve(Buffer.concat(read)));
  response.once("error", reject);
  response.once("close", () => reject(cutOff()));
  return promise;
}

/** The error that Node has for an answer that ends in the middle; after an end or an error it counts for nothing. */
function cutOff(): Error {
  return Object.assign(new Error("aborted"), { code: "ECONNRESET" });
}

function tooLarge(read: readonly Uint8Array[]): ProviderError {
  if (read.reduce((sum, { byteLength }) => sum + byteLength, 0) <= maxBodyBytes) {
    return new ProviderError(
      "LK0038",
      `the store's answer comes in more pieces than one of ${maxBodyBytes} bytes needs`,
      {
        fix: "see what is between this node and the store, or what answers in its place",
      },
    );
  }
  return new ProviderError("LK0038", `the store's answer is larger than ${maxBodyBytes} bytes`, {
    fix: "split the secret into smaller ones",
  });
}
