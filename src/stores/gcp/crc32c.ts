/** The Castagnoli polynomial, its bits reversed (https://www.rfc-editor.org/rfc/rfc3720#section-12.1). */
const polynomial = 0x82f63b78;

/** Returns the CRC-32C of bytes, as an unsigned number. */
export function crc32c(bytes: Uint8Array): number {
  const table = tableOf();
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

const tableOf = (() => {
  let made: Uint32Array | undefined;
  return () => {
    made ??= Uint32Array.from({ length: 256 }, (_, byte) => remainderOf(byte));
    return made;
  };
})();

function remainderOf(byte: number): number {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  return crc;
}
