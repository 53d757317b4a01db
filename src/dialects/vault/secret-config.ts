import { writeGoJson, writeGoString } from "../../formats/go-json.ts";
import type { JsonObject } from "../../formats/json.ts";

/** One entry of `objects`, as today's provider holds it: texts as written, so that its versions can be made again. */
export interface SecretConfig {
  readonly objectName: string;
  readonly secretPath: string;
  readonly secretKey: string;
  readonly method: string;
  /** Absent where the entry has none, which is not the same as an empty map. */
  readonly secretArgs: JsonObject | undefined;
  readonly filePermission: number;
  readonly encoding: string;
}

/**
 * The bytes that today's provider puts before a file's content to make its version: the entry as Go's `json.Marshal`
 * writes it, all fields always there. Latchkey's own fields are not in it.
 */
export function versionPrefix(config: SecretConfig): Uint8Array {
  const fields: readonly (readonly [name: string, json: string])[] = [
    ["ObjectName", writeGoString(config.objectName)],
    ["SecretPath", writeGoString(config.secretPath)],
    ["SecretKey", writeGoString(config.secretKey)],
    ["Method", writeGoString(config.method)],
    ["SecretArgs", config.secretArgs === undefined ? "null" : writeGoJson(config.secretArgs)],
    ["FilePermission", String(config.filePermission)],
    ["Encoding", writeGoString(config.encoding)],
  ];
  return Buffer.from(`{${fields.map(([name, json]) => `"${name}":${json}`).join(",")}}`);
}
