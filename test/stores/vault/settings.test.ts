import { describe, expect, test } from "vitest";
import { vaultSettings } from "../../../src/stores/vault/settings.ts";

function read(more: object) {
  const written = { address: "https://v:8200", role: "r", ...more };
  const parsed = vaultSettings("pod").safeParse(written);
  return parsed.success ? parsed.data : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("Vault settings", () => {
  const full = "x".repeat(1024);
  test("take texts of 1 KiB", () => {
    expect(read({ role: full, mount: `/${full}/`, namespace: `${full}/`, audience: full })).toMatchObject({
      auth: { method: "jwt", role: full, mount: full, audience: full, audienceChosen: true },
      namespace: full,
    });
  });

  for (const name of ["role", "mount", "namespace", "audience", "tlsServerName"]) {
    test(`refuse a ${name} of more`, () => {
      expect(read({ [name]: `${full}x` })).toEqual([`${name}: must be 1 KiB at most`]);
    });
  }

  for (const namespace of ["", "née", "a b", "a\nb", "\u007f", "日本"]) {
    test(`refuse the namespace ${JSON.stringify(namespace)}`, () => {
      expect(read({ namespace })).toEqual(["namespace: must be visible ASCII characters without spaces"]);
    });
  }
});
