import { createHmac, timingSafeEqual } from "node:crypto";
import type { Redacted } from "../redacted.ts";
import { type AuditEntry, fieldsOf } from "./entry.ts";

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
 * Writes one line, without its end. Its `mac` is the HMAC-SHA256 (RFC 2104) of the line before's `mac` and of all that stands
 * in this line before it; the first line of a process also holds that `mac` as `prev`, so that it can be checked alone.
 */
export function lineOf(entry: AuditEntry, place: Omit<AuditHead, "mac">, prev: string, key: AuditKey | undefined) {
  const { boot, seq } = place;
  const first = seq === 0 ? `,"prev":"${prev}"` : "";
  const open = `{"audit":1,"boot":"${boot}","seq":${seq}${first},${fieldsOf(entry)}`;
  if (key === undefined) return { text: `${open}}`, mac: noMac };
  const mac = macOf(key, prev, open);
  return { text: `${open},"mac":"${mac}"}`, mac };
}

/** One line as it was read, taken apart. */
export interface ReadLine {
  readonly boot: string;
  readonly seq: number;
  /** Of a first line. */
  readonly prev: string | undefined;
  readonly mac: string;
  /** All that stands before the `mac`. */
  readonly open: string;
}

const form =
  /^(\{"audit":1,"boot":"([0-9a-f-]{36})","seq":(\d{1,15})(?:,"prev":"([\w-]{0,43})")?,.*),"mac":"([\w-]{43})"\}$/s;

/** Takes a line apart by its text, so that nothing which a JSON reader passes over goes unseen; undefined for one of another form. */
export function readLine(text: string): ReadLine | undefined {
  const [, open = "", boot = "", seq = "", prev, mac = ""] = form.exec(text) ?? [];
  // A first line says what was before it, and no other does.
  const isWhole = open !== "" && (Number(seq) === 0) === (prev !== undefined);
  return isWhole ? { boot, seq: Number(seq), prev, mac, open } : undefined;
}

/** Whether a line's `mac` is the one that the key gives behind the line before. */
export function isGenuine({ open, mac }: ReadLine, prev: string, key: AuditKey): boolean {
  return timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(key, prev, open)));
}

function macOf(key: AuditKey, prev: string, open: string): string {
  return createHmac("sha256", key.reveal()).update(`${prev}\n`).update(open).digest("base64url");
}
