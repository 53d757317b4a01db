import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesBelow } from "../driver/atomic-writer.ts";
import fc from "../property.ts";
import { scaled } from "../scale.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { enableCertAuth } from "../servers/openbao-engines.ts";
import { allowReads, letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const operatorsOwn = "the-operators-own-value";

let bao: OpenBao;
let node: TestNode;
let own: string;

/** An operator whose client certificate OpenBao takes for a login, at two mounts, and pods that have a role of their own. */
beforeAll(async () => {
  const issuer = await createTokenIssuer();
  own = await mkdtemp(join(tmpdir(), "latchkey-operator-"));
  bao = await startOpenBao({ tls: true });
  const { authority, caFile = "" } = bao;
  if (authority === undefined) throw new Error("no authority");
  await letEverybodyRead(bao, issuer.publicKeyPem(), ["secret/data/pods"]);
  await allowReads(bao, "operator", ["secret/data/operator"]);
  await enableCertAuth(bao, authority.caPem, ["operator"]);
  await bao.request("POST", "sys/auth/partners/tls", { type: "cert" });
  await bao.request("POST", "auth/partners/tls/certs/all", {
    ...{ certificate: authority.caPem, allowed_common_names: ["web"], token_policies: ["operator"] },
  });
  await putKv2(bao, "pods", { value: "the-pods-value" });
  await putKv2(bao, "operator", { value: operatorsOwn });
  const { cert, key } = await authority.issueClient("web");
  await writeFile(join(own, "tls.crt"), cert);
  await writeFile(join(own, "tls.key"), key);
  node = await startNode({
    issuer,
    flags: {
      ...{ vaultAddr: bao.address, vaultTlsCaCert: caFile, refresh: "0s", denyMemory: "0s" },
      ...{ vaultTlsClientCert: join(own, "tls.crt"), vaultTlsClientKey: join(own, "tls.key") },
      allowAddress: "127.0.0.1",
    },
    config: `profiles:
  operator: { kind: vault, address: "${bao.address}", role: all, caFile: "${caFile}",
    clientCertFile: "${join(own, "tls.crt")}", clientKeyFile: "${join(own, "tls.key")}" }
`,
  });
});

afterAll(async () => {
  await node?.stop();
  await bao?.stop();
  await rm(own, { recursive: true, force: true });
});

let number = 0;

/** All that a pod gets of a class: its files, or the error. */
async function outcomeOf(provider: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  number += 1;
  const pod = { name: `web-${number}`, uid: `uid-${number}` };
  const request = { provider, parameters, audiences: ["vault"], pod };
  const attributes = JSON.stringify(parameters);
  const outcome = await node.publish(request).catch((error: Error) => error);
  if (outcome instanceof Error) return `${attributes} error ${outcome.message}`;
  const paths = await filesBelow(join(outcome.target, "..data"));
  const texts = await Promise.all(paths.map((path) => readFile(join(outcome.target, path), "utf8")));
  return `${attributes} files ${texts.join("\n")}`;
}

const secret = (path: string) => `- { objectName: a, secretPath: ${path}, secretKey: value }`;

/** Whether an outcome holds what no pod may get: the operator's value, or a token of the operator's login. */
function isInside(outcome: string): boolean {
  return outcome.includes(operatorsOwn) || /client_token|"accessor"|files s\./.test(outcome);
}

describe("the operator's client certificate", () => {
  it("is shown, and pods log in as themselves", async () => {
    const outcome = await outcomeOf("vault", { roleName: "all", objects: secret("secret/data/pods") });
    expect(outcome).toContain("the-pods-value");
    expect(await outcomeOf("vault", { roleName: "all", objects: secret("secret/data/operator") })).toContain("LK0033");
  });

  const mounts = ["cert", "/cert/", "cert/", "partners/tls", "partners//tls", "kubernetes/../cert", "./cert", "CERT"];
  const roles = ["web", "all", "", "none"];
  const words = ["vaultAuthMountPath", "vaultKubernetesMountPath"];

  it("logs no pod in, whichever mount its class names (real server, every spelling)", async () => {
    const tried = mounts.flatMap((mount) =>
      words.flatMap((word) =>
        roles.map((roleName) => ({ [word]: mount, roleName, objects: secret("secret/data/operator") })),
      ),
    );
    const outcomes: string[] = [];
    for (const parameters of tried) outcomes.push(await outcomeOf("vault", parameters));
    expect(outcomes.filter(isInside)).toEqual([]);
  });

  it("makes no login that a pod reads as if it were a secret", async () => {
    const paths = [
      "auth/cert/login",
      "auth/partners/tls/login",
      "/v1/auth/cert/login",
      "auth//cert/login",
      "sys/../auth/cert/login",
    ];
    const outcomes: string[] = [];
    for (const path of paths) {
      for (const method of ["POST", "PUT", "post", "PATCH"]) {
        const native = {
          stores: "v: { profile: operator }",
          secrets: `- { store: v, name: "${path}", method: ${method}, args: { name: web }, files: [{ path: a }] }`,
        };
        const dialect = {
          roleName: "all",
          objects: `- { objectName: a, secretPath: "${path}", method: ${method}, secretArgs: { name: web } }`,
        };
        outcomes.push(await outcomeOf("latchkey", native), await outcomeOf("vault", dialect));
      }
    }
    expect(outcomes.filter(isInside)).toEqual([]);
  });

  it("is not taken from where Latchkey's own credentials lie, for whatever server", async () => {
    const files = { vaultTLSClientCertPath: join(own, "tls.crt"), vaultTLSClientKeyPath: join(own, "tls.key") };
    const outcomes: string[] = [];
    for (const vaultAddress of [bao.address, bao.address.replace("127.0.0.1", "localhost")]) {
      for (const vaultAuthMountPath of ["cert", "kubernetes"]) {
        const parameters = { ...files, vaultAddress, vaultAuthMountPath, roleName: "web" };
        outcomes.push(
          await outcomeOf("vault", {
            ...parameters,
            vaultSkipTLSVerify: "true",
            objects: secret("secret/data/operator"),
          }),
        );
      }
    }
    expect(outcomes.filter((outcome) => !outcome.includes("LK0003"))).toEqual([]);
    expect(outcomes[0]).toContain("--tls-dir");
  });

  it("is kept from a server that the pod's class alone believes", async () => {
    const trust = [
      { vaultSkipTLSVerify: "true" },
      { vaultCACert: bao.caPem ?? "" },
      { vaultTLSServerName: "localhost" },
    ];
    const outcomes: string[] = [];
    for (const words of trust) {
      outcomes.push(
        await outcomeOf("vault", {
          ...words,
          roleName: "web",
          vaultAuthMountPath: "cert",
          objects: secret("secret/data/operator"),
        }),
      );
    }
    expect(outcomes.filter(isInside)).toEqual([]);
  });

  it("lets nobody in with words made up at random (seeded)", async () => {
    const piece = fc.constantFrom(
      "cert",
      "partners",
      "tls",
      "/",
      "//",
      ".",
      "..",
      "%2f",
      "auth",
      "login",
      "kubernetes",
      "\\",
      " ",
      "?x=",
      "#",
    );
    const mount = fc.array(piece, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(""));
    const words = fc.record(
      {
        vaultAuthMountPath: mount,
        vaultKubernetesMountPath: mount,
        roleName: fc.constantFrom(...roles),
        vaultAuthMethod: fc.constantFrom("kubernetes", "jwt", "cert", "approle"),
        vaultSkipTLSVerify: fc.constantFrom("true", "false"),
        vaultNamespace: mount,
      },
      { requiredKeys: ["roleName"] },
    );
    const property = fc.asyncProperty(words, async (parameters) => {
      expect(isInside(await outcomeOf("vault", { ...parameters, objects: secret("secret/data/operator") }))).toBe(
        false,
      );
    });
    await fc.assert(property, { numRuns: scaled(300) });
  }, 120_000);
});
