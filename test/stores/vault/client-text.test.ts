import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Redacted } from "../../../src/redacted.ts";
import type { VaultHost } from "../../../src/stores/vault/host.ts";
import type { VaultSettings } from "../../../src/stores/vault/types.ts";
import { createAuthority } from "../../servers/certificates.ts";
import { type ScriptedVault, startScriptedVault } from "./scripted-vault.ts";

let vault: ScriptedVault;
let tls: VaultSettings["tls"];
const peers: string[] = [];

beforeAll(async () => {
  const authority = await createAuthority();
  const { cert, key } = await authority.issueClient("operator");
  const client = { cert, key: new Redacted(key) };
  const openbao: VaultHost = { headers: new Map(), followRedirects: true, srvLookup: false, client };
  const server = {
    tls: { ...(await authority.issue()), clientCa: authority.caPem, onClient: (name: string) => peers.push(name) },
  };
  tls = { ca: authority.caPem };
  vault = await startScriptedVault(["127.0.0.1"], { servers: { openbao }, server });
});

afterAll(() => vault?.stop());

describe("a client certificate that the operator gives as text", () => {
  test("is shown to the operator's addresses of its flavour", async () => {
    await vault.open({ tls, addressFrom: "operator", flavour: "openbao" });
    expect(peers).toEqual(["operator"]);
  });

  const others: readonly (readonly [what: string, settings: Partial<VaultSettings>, id: string])[] = [
    ["to an address that a pod author chose", { flavour: "openbao" }, "LK0030"],
    ["to servers of the other flavour", { addressFrom: "operator" }, "LK0030"],
    [
      "for a login by certificate",
      { addressFrom: "operator", flavour: "openbao", auth: { method: "cert", mount: "cert" } },
      "LK0016",
    ],
  ];
  for (const [what, settings, id] of others) {
    test(`is not used ${what}`, async () => {
      peers.length = 0;
      const error: unknown = await vault.open({ tls, ...settings }).catch((thrown: unknown) => thrown);
      expect([error, peers.filter((name) => name === "operator")]).toMatchObject([{ id }, []]);
    });
  }
});
