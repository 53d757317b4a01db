import { createDecipheriv } from "node:crypto";
import { FormatError } from "../../../formats/format-error.ts";
import { decodeGoBase64 } from "../../../formats/go-encodings.ts";
import { goTimestamp } from "../../../formats/go-timestamp.ts";
import { type Leaf, Timestamp } from "./tree.ts";

/** An encrypted value that was a comment: it is part of no document. */
export class CommentValue {}

/** Bytes that are no text are kept beside the text that stands for them. */
export class BytesValue {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** The content of an encrypted value. */
export type Opened = Leaf | CommentValue | BytesValue;

const form = /^ENC\[AES256_GCM,data:([^,]+),iv:([^,]+),tag:([^,]+),type:([a-z]+)\]$/;

/** Whether a text has the form of an encrypted value. */
export function looksEncrypted(text: string): boolean {
  return /^ENC\[[A-Z0-9_]+,/.test(text);
}

/** The bytes of an encrypted value, and the type that it says it has. Throws `FormatError`: the text does not quote it. */
export function openValue(
  text: string,
  key: Uint8Array,
  sealedFor: string,
): { readonly bytes: Buffer; readonly type: string } {
  const [, data, iv, tag, type] = form.exec(text) ?? [];
  if (data === undefined || iv === undefined || tag === undefined || type === undefined)
    throw new FormatError("it is not an encrypted value");
  const [body, nonce, seal] = [data, iv, tag].map((part) => decodeGoBase64(part));
  if (body === undefined || nonce === undefined || seal?.length !== 16 || nonce.length === 0)
    throw new FormatError("it is not an encrypted value");
  try {
    const cipher = createDecipheriv("aes-256-gcm", key, nonce);
    cipher.setAuthTag(seal);
    cipher.setAAD(Buffer.from(sealedFor, "utf8"));
    return { bytes: Buffer.concat([cipher.update(body), cipher.final()]), type };
  } catch {
    throw new FormatError("its seal is broken");
  }
}

/** The value inside an encrypted text at a path of keys. Throws `FormatError`: the text quotes neither. */
export function openLeaf(text: string, key: Uint8Array, path: readonly string[]): Opened {
  if (text === "") return "";
  const { bytes, type } = openValue(text, key, `${path.join(":")}:`);
  if (type === "comment") return new CommentValue();
  if (type === "bytes") return new BytesValue(bytes);
  const inside = bytes.toString("utf8");
  if (type === "str") return Buffer.from(inside, "utf8").equals(bytes) ? inside : new BytesValue(bytes);
  const value = typed(type, inside);
  if (value === undefined) throw new FormatError("its type is not known, or its content does not fit it");
  return value;
}

function typed(type: string, text: string): Leaf | undefined {
  if (type === "int") return /^[-+]?[0-9]{1,19}$/.test(text) ? BigInt(text.replace(/^\+/, "")) : undefined;
  if (type === "float") return floatOf(text);
  if (type === "bool") return boolOf(text);
  if (type !== "time") return undefined;
  const time = goTimestamp(text);
  return typeof time === "string" ? new Timestamp(time) : undefined;
}

function floatOf(text: string): number | undefined {
  const special = new Map([
    ["NaN", Number.NaN],
    ["+Inf", Number.POSITIVE_INFINITY],
    ["-Inf", Number.NEGATIVE_INFINITY],
  ]);
  const value = special.get(text) ?? Number(text);
  return text.trim() === "" || (Number.isNaN(value) && text !== "NaN") ? undefined : value;
}

/** As Go's `strconv.ParseBool` reads it. */
function boolOf(text: string): boolean | undefined {
  if (/^(?:1|t|T|true|True|TRUE)$/.test(text)) return true;
  return /^(?:0|f|F|false|False|FALSE)$/.test(text) ? false : undefined;
}
