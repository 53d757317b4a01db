import { modeText } from "../dialects/mode-bits.ts";
import type { Expansion, Output } from "../plan/plan.ts";
import type { Step } from "../plan/step.ts";
import type { NativeFields } from "../stores/to-native.ts";

/** A file; the mode is written where it is not the driver's own. */
export function nativeFile({ path, mode, select }: Output): NativeFields {
  return { path, ...stepFields(select.steps), mode: modeOf(mode) };
}

/** A file for each key, all below one directory. */
export function nativeExpansion({ mode, select, pathOf }: Expansion): NativeFields {
  const prefix = (pathOf("k") ?? "k").slice(0, -1);
  return { path: prefix === "" ? undefined : prefix, ...stepFields(select.steps), mode: modeOf(mode) };
}

function modeOf(mode: number): string | undefined {
  return mode === 0o644 ? undefined : modeText(mode);
}

function stepFields(steps: readonly Step[]): NativeFields {
  return Object.assign({}, ...saidInNative(steps).map(stepField));
}

/**
 * The steps that the native dialect has words for. A certificate as it is stored needs none; and what is decoded is no
 * certificate's secret, for PEM cannot be decoded.
 */
export function saidInNative(steps: readonly Step[]): readonly Step[] {
  const isDecoded = steps.some(({ kind }) => kind === "decode");
  return steps.filter((step) => step.kind !== "certificate" || (step.form === "pem" && !isDecoded));
}

function stepField(step: Step): NativeFields {
  switch (step.kind) {
    case "key":
      return { key: step.path.map(keyPart).join(".").replaceAll(".[", "[") };
    case "textKey":
      return step.format === "json" ? { key: keyPart(step.key) } : { yamlKey: step.key };
    case "jmesPath":
      return { jmesPath: step.text };
    case "decode":
      return { decode: step.encoding };
    case "format":
      return { format: step.format, for: step.reader };
    case "pem":
      return { format: "pem", part: step.part };
    case "certificate":
      return step.form === "stored" ? {} : { format: "pem" };
    case "openKeyStore":
      return {};
    case "keyStore":
      return { format: "pkcs12", alias: step.alias, truststore: step.truststore || undefined };
  }
}

/** Names with characters that mean something in a path stand in quotes. */
function keyPart(part: string | number): string {
  if (typeof part === "number") return `[${part}]`;
  return part === "" || /[.[\]"]/.test(part) ? JSON.stringify(part) : part;
}
