/**
 * Text as UTF-8 in memory of its own. `Buffer.from` cuts small buffers from a shared slab, which stays while one of them
 * does: for bytes that are kept, next to others that are not, that multiplies the memory.
 * https://nodejs.org/api/buffer.html#static-method-bufferallocunsafeslowsize
 */
export function ownBytes(text: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
