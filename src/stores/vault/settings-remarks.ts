import type { VaultSettings } from "./types.ts";

/** Something in settings that a server can have, but that is nearly always a slip. */
export interface SettingsRemark {
  /** As the native dialect names it. */
  readonly field: "address" | "mount";
  /** The effect that it has. */
  readonly text: string;
  /** The fix, by what is probably meant. */
  readonly fix: string;
}

/** Returns remarks on settings that their author may not have meant. */
export function settingsRemarks({ auth, addresses }: VaultSettings): readonly SettingsRemark[] {
  return [...addresses.map(addressRemark), mountRemark(auth.mount)].filter((remark) => remark !== undefined);
}

/** As the API's path of the method has it, and as `vault auth list` does not. */
function mountRemark(mount: string): SettingsRemark | undefined {
  const meant = mount.replace(/^(?:v1\/)?auth\//, "").replace(/\/login$/, "");
  if (meant === mount || meant === "") return undefined;
  const text = `the login goes to auth/${mount}/login, for auth/ and /login are added`;
  return { field: "mount", text, fix: `write the mount alone, ${JSON.stringify(meant)}` };
}

/** The API's version, and the web interface as a browser shows its address. */
function addressRemark(address: string): SettingsRemark | undefined {
  const [, base, extra = ""] = /^(https?:\/\/.+?)(\/v1|\/ui(?:\/.*)?)$/.exec(address) ?? [];
  if (base === undefined) return undefined;
  const why = extra === "/v1" ? "/v1 is added to it" : "the API is not below /ui";
  return { field: "address", text: `the address ends in ${extra}, and ${why}`, fix: `write ${base}` };
}
