import { createHmac, timingSafeEqual } from "node:crypto";
import type { Redacted } from "../redacted.ts";

/** The key of a chain, 32 bytes or more. */
export type AuditKey = Redacted<Uint8Array>;

/** Where a chain stands: the last line that was written. */
export interface AuditHead {
  /** Of the process that wrote it. */
  readonly boot: string;
  /** Counts the lines of that process from 0. */
  readonly seq: number;
  /** base64url of HMAC-SHA256, 43 characters. */
  readonly mac: string;
}

/** Nothing was written before. */
export const noMac = "";

/**
 * Makes one line of an entry's fields, without its end. Its `mac` is the HMAC-SHA256 (RFC 2104) of all that stands in it
 * before, the `mac` of the line before as `prev` among it, so that every line can be checked alone.
 */
export function lineOf(fields: string, place: Omit<AuditHead, "mac">, prev: string, key: AuditKey | undefined) {
  const { boot, seq } = place;
  const start = `{"audit":1,"boot":"${boot}","seq":${seq}`;
  if (key === undefined) return { text: `${start},${fields}}`, mac: noMac };
  const open = `${start},"prev":"${prev}",${fields}`;
  const mac = macOf(key, open);
  return { text: `${open},"mac":"${mac}"}`, mac };
}

/** One line as it was read, taken apart. */
export interface ReadLine {
  readonly boot: string;
  readonly seq: number;
  /** The `mac` of the line before. */
  readonly prev: string;
  readonly mac: string;
  /** All that stands before the `mac`. */
  readonly open: string;
}

const form =
  /^(\{"audit":1,"boot":"([0-9a-f-]{36})","seq":(\d{1,15}),"prev":"([\w-]{43}|)",.*),"mac":"([\w-]{43})"\}$/s;

/** Takes a line apart by its text, so that nothing which a JSON reader passes over goes unseen; undefined for one of another form. */
export function readLine(text: string): ReadLine | undefined {
  const [, open = "", boot = "", seq = "", prev = "", mac = ""] = form.exec(text) ?? [];
  return open === "" ? undefined : { boot, seq: Number(seq), prev, mac, open };
}

/** Whether a line's `mac` is the one that the key gives. */
export function isGenuine({ open, mac }: ReadLine, key: AuditKey): boolean {
  return timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(key, open)));
}

function macOf(key: AuditKey, open: string): string {
  return createHmac("sha256", key.reveal()).update(open).digest("base64url");
}
