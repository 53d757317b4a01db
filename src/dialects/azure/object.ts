import { posix } from "node:path";
import { type ParameterPlace, ProviderError } from "../../errors.ts";
import { type Problems, quoted } from "../../plan/problems.ts";
import type { CertificatePart, Step } from "../../plan/step.ts";
import type { AzureRef } from "../../stores/azure/types.ts";
import { mostBack, objectNameForm, versionForm } from "../../stores/azure-key-vault/ref.ts";
import { modeOfDecimal } from "../mode-bits.ts";
import type { ObjectEntry } from "./objects.ts";
import type { OperatorAzure } from "./operator.ts";

/** One file that an object becomes. */
export interface AzureFile {
  readonly subject: string;
  readonly path: string;
  /** As today's provider reports it: several files of one object have one id. */
  readonly versionId: string;
  readonly mode: number;
  readonly steps: readonly Step[];
  readonly ref: AzureRef;
  /** Left out where there are not so many versions. */
  readonly optional: boolean;
  /** Left out where the secret is no certificate's. */
  readonly onlyIfPresent: boolean;
  /** Where its name is written. */
  readonly at: ParameterPlace;
}

/** The defaults of files. */
export interface FileDefaults {
  readonly mode: number;
  readonly own: OperatorAzure;
}

const types = { secret: "secret", key: "key", cert: "certificate" } as const;

/** Understands one entry; notes everything that is wrong with it, and then gives no file. */
export function readObject(entry: ObjectEntry, defaults: FileDefaults, problems: Problems): readonly AzureFile[] {
  const { objectName, objectAlias, objectType } = entry;
  const subject = `object ${quoted(objectName)}${objectAlias === "" ? "" : ` as ${quoted(objectAlias)}`}`;
  const before = problems.count;
  const check = <T>(field: string, read: () => T) =>
    problems.at({ parameter: "objects", ...(entry.places.get(field) ?? entry.at) }).attempt(subject, read);
  const type = check("objectType", () => typeOf(objectType));
  check("objectName", () => checkName(objectName));
  check("objectVersion", () => checkVersion(entry));
  check("objectFormat", () => checkFormat(entry));
  const decoding = check("objectEncoding", () => decodingOf(entry)) ?? [];
  const path = check(objectAlias === "" ? "objectName" : "objectAlias", () => fileNameOf(objectAlias || objectName));
  const mode = check("filePermission", () => modeOf(entry.filePermission, defaults.mode));
  if (problems.count > before || type === undefined || path === undefined || mode === undefined) return [];
  const field = objectAlias === "" ? "objectName" : "objectAlias";
  const at = { parameter: "objects", ...(entry.places.get(field) ?? entry.at) };
  const whole = { subject, mode, at, onlyIfPresent: false };
  return versionsOf(entry, type, path).flatMap((version): readonly AzureFile[] => {
    const file = { ...whole, ...version };
    if (type !== "secret") return [{ ...file, steps: [] }];
    const step = certificateStep(entry, defaults.own);
    const parts = defaults.own.separateFiles === true ? partsOf(file, step, decoding) : [];
    return [...parts, { ...file, steps: [step, ...decoding] }];
  });
}

/** The versions of an object that become files; of a history `N` more than one they are N and one more, as today. */
function versionsOf(
  { objectName: name, objectVersion, objectVersionHistory: history, objectType }: ObjectEntry,
  type: AzureRef["type"],
  path: string,
): readonly Pick<AzureFile, "path" | "versionId" | "ref" | "optional">[] {
  const versionId = `${objectType}/${name}`;
  if (history <= 1) {
    const version = objectVersion === "" ? {} : { version: objectVersion };
    return [{ path, versionId, ref: { type, name, ...version }, optional: false }];
  }
  const since = objectVersion === "" || objectVersion === "latest" ? {} : { since: objectVersion };
  return Array.from({ length: Math.min(history, mostBack) + 1 }, (_, back) => ({
    path: posix.join(path, String(back)),
    versionId: `${versionId}/${back}`,
    ref: { type, name, back, ...since },
    // The newest has to be there: today an object without it vanishes without a word.
    optional: back > 0,
  }));
}

function partsOf(
  file: Omit<AzureFile, "steps">,
  step: Step & { readonly kind: "certificate" },
  decoding: readonly Step[],
): readonly AzureFile[] {
  const endings: readonly (readonly [string, CertificatePart])[] = [
    [".crt", "chain"],
    [".key", "key"],
  ];
  return endings.map(([ending, part]) => ({
    ...file,
    path: `${file.path}${ending}`,
    onlyIfPresent: true,
    steps: [{ ...step, part }, ...decoding],
  }));
}

function certificateStep({ objectFormat }: ObjectEntry, { constructPemChain = true }: OperatorAzure) {
  const isStored = objectFormat.toLowerCase() === "pfx";
  return { kind: "certificate", form: isStored ? "stored" : "pem", ordered: constructPemChain } as const;
}

function typeOf(text: string): AzureRef["type"] {
  if (text === "secret" || text === "key" || text === "cert") return types[text];
  throw wrong("Invalid vaultObjectTypes. Should be secret, key, or cert", "write objectType: secret, key or cert");
}

function checkName(name: string): void {
  if (name === "") throw wrong("parameter name cannot be empty", "write objectName: the object's name in the vault");
  if (!objectNameForm.test(name)) {
    throw wrong(`${quoted(name)} is not a name of Key Vault`, "write its name alone: letters, digits and -");
  }
}

function checkVersion({ objectVersion, objectVersionHistory }: ObjectEntry): void {
  if (objectVersion === "" || (objectVersion === "latest" && objectVersionHistory > 1)) return;
  if (objectVersion === "latest") {
    throw wrong("latest is not a version of Key Vault", "remove objectVersion: without it the newest is read");
  }
  if (!versionForm.test(objectVersion)) {
    throw wrong(
      `${quoted(objectVersion)} is not a version of Key Vault`,
      "write the 32 digits behind the name in the object's id",
    );
  }
}

function checkFormat({ objectFormat, objectType }: ObjectEntry): void {
  if (!["", "pem", "pfx"].includes(objectFormat.toLowerCase())) {
    throw wrong(`invalid objectFormat: ${quoted(objectFormat)}, should be PEM or PFX`, "write pem or pfx");
  }
  // In upper case it has no effect on keys and certificates, as today.
  if (objectFormat === "pfx" && objectType !== "secret") {
    throw wrong(
      "PFX format only supported for objectType: secret",
      "write objectType: secret: it has the certificate with its key",
    );
  }
}

function decodingOf({ objectEncoding, objectType }: ObjectEntry): readonly Step[] {
  if (objectEncoding === "") return [];
  if (objectType !== "secret") {
    throw wrong("objectEncoding only supported for objectType: secret", "remove objectEncoding");
  }
  const encoding = objectEncoding.toLowerCase();
  if (encoding === "utf-8") return [];
  if (encoding === "base64" || encoding === "hex") return [{ kind: "decode", encoding }];
  throw wrong(`invalid objectEncoding: ${quoted(objectEncoding)}, should be hex, base64 or utf-8`, "write one of them");
}

function fileNameOf(name: string): string {
  const fix = "give the object an objectAlias: a relative path without ..";
  if (name === "") throw wrong("file name must not be empty", fix);
  if (name.startsWith("/")) throw wrong(`file name must be a relative path: ${quoted(name)}`, fix);
  if (name.includes("..")) throw wrong(`file name must not contain '..': ${quoted(name)}`, fix);
  return name;
}

/** Octal digits, with a sign and zeros or without; setuid and its like are dropped as Go's chmod drops them. */
function modeOf(text: string, fallback: number): number {
  if (text === "") return fallback;
  if (/^\+?0*[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8) & 0o777;
  const decimal = modeOfDecimal(text);
  const meant = decimal === undefined ? 'octal digits in quotes, such as "0644"' : `"${decimal}"`;
  throw wrong(
    `filePermission ${quoted(text)} is not an octal number, which today's provider takes for 0000`,
    `write ${meant}`,
  );
}

function wrong(message: string, fix: string): ProviderError {
  return new ProviderError("LK0003", message, { fix });
}
