import { isUtf8 } from "node:buffer";
import { FormatError } from "../../../formats/format-error.ts";

/** Returns the text of a document. Throws `FormatError` for bytes that are no UTF-8. */
export function textOf(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new FormatError("the document is not UTF-8 text");
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
