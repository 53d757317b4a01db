import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority } from "../../servers/certificates.ts";
import { type OpenBao, startOpenBao } from "../../servers/openbao.ts";
import { letEverybodyRead, putKv2, writeJwtRole } from "../../servers/openbao-setup.ts";
import { type FaultyProxy, startProxy } from "../../servers/proxy.ts";
import { createTokenIssuer, type TokenIssuer } from "../../tokens.ts";
import { type NodeOptions, startNode, type TestNode } from "../node.ts";
import { quickFlags, type Scene } from "./matrix.ts";

/** OpenBao behind a proxy that can also speak TLS, for all tests of a file. */
export interface VaultRig {
  readonly bao: OpenBao;
  readonly issuer: TokenIssuer;
  readonly plain: FaultyProxy;
  readonly secure: FaultyProxy;
  /** Shows a certificate that is good, or one whose time is over. */
  showCertificate(which: "good" | "expired"): void;
  node(flags?: NodeOptions["flags"] & object): Promise<TestNode>;
  volume(address: string, name: string, role?: string): ReturnType<Scene["volume"]>;
  write(name: string, value: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it. Role `all` reads every secret; so does `short`, whose tokens live for two seconds. */
export async function startVaultRig(): Promise<VaultRig> {
  const directory = await mkdtemp(join(tmpdir(), "lk-rig-"));
  const caFile = join(directory, "ca.pem");
  const authority = await createAuthority();
  const [good, expired] = await Promise.all([authority.issue(), authority.issueExpired()]);
  await writeFile(caFile, authority.caPem);
  const issuer = await createTokenIssuer();
  const bao = await startOpenBao();
  const plain = await startProxy(bao.address);
  const secure = await startProxy(bao.address, { tls: good });
  await letEverybodyRead(bao, issuer.publicKeyPem());
  await writeJwtRole(bao, { role: "short", audience: "vault", policies: ["all"], ttl: "2s" });
  return {
    ...{ bao, issuer, plain, secure },
    showCertificate: (which) => secure.showCertificate(which === "good" ? good : expired),
    node: (flags) => startNode({ issuer, flags: { ...quickFlags, vaultTlsCaCert: caFile, ...flags } }),
    volume: (vaultAddress, name, roleName = "all") => ({
      provider: "vault",
      audiences: ["vault"],
      parameters: {
        ...{ vaultAddress, roleName },
        objects: `- { objectName: ${name}, secretPath: secret/data/${name}, secretKey: v }`,
      },
    }),
    write: async (name, value) => {
      await putKv2(bao, name, { v: value });
    },
    stop: async () => {
      await Promise.all([plain.stop(), secure.stop(), bao.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
