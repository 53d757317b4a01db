import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKubernetesApi } from "../../src/commands/cluster.ts";
import { loadConfig } from "../../src/commands/load-config.ts";
import { storesOf } from "../../src/commands/parts.ts";
import { warnOnce } from "../../src/commands/warn-once.ts";
import { brokenPem, createAuthority } from "../servers/certificates.ts";
import { type ApiFlags, type KubernetesApi, startKubernetes } from "../servers/kubernetes.ts";
import { type ScriptedServer, startScripted } from "../servers/scripted.ts";
import { goodCredentials, request, settings, smError, stsAnswer } from "../stores/aws/scripted-aws.ts";
import { createTokenIssuer } from "../tokens.ts";

let directory: string;
let cluster: KubernetesApi;
let files: ApiFlags;
let aws: ScriptedServer;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "latchkey-bundles-"));
  cluster = await startKubernetes(await createTokenIssuer());
  files = await cluster.writeCredentials(directory);
  await writeFile(files.kubernetesCaFile, `${brokenPem}${cluster.caPem}`);
  const authority = await createAuthority();
  await writeFile(join(directory, "aws.pem"), `${authority.caPem}${brokenPem}`);
  const answer = (path: string) => (path === "/" ? stsAnswer(goodCredentials) : smError(400, "NotSet"));
  aws = await startScripted(({ path }) => answer(path), { tls: await authority.issue() });
});

afterAll(async () => {
  await Promise.all([cluster?.stop(), aws?.stop()]);
  await rm(directory, { recursive: true, force: true });
});

async function configOf(flags: Readonly<Record<string, string>>) {
  return await loadConfig({ flags: new Map(Object.entries({ versionKey: "ephemeral", ...flags })), env: {} });
}

/** A way to warn, and the lines that were logged by it. */
function logging() {
  const lines: unknown[] = [];
  return { lines, warn: warnOnce({ warn: (...line: unknown[]) => void lines.push(line) }) };
}

const message = "a CA certificate cannot be read";

describe("a CA bundle with one certificate that cannot be read", () => {
  it("serves with the rest, and warns once: --kubernetes-ca-file", async () => {
    const { lines, warn } = logging();
    for (let time = 0; time < 2; time += 1) {
      const api = await openKubernetesApi(await configOf(files), warn);
      cluster.setNode("a", {});
      expect(await api?.get("/api/v1/nodes/a", new AbortController().signal)).toMatchObject({ kind: "Node" });
      api?.close();
    }
    const ca = `the CA file ${files.kubernetesCaFile}: certificate 1 of 2 cannot be read and is left out`;
    expect(lines).toEqual([[{ ca }, message]]);
  });

  it("serves with the rest, and warns once: --aws-ca-bundle", async () => {
    const { lines, warn } = logging();
    const awsCaBundle = join(directory, "aws.pem");
    for (let time = 0; time < 2; time += 1) {
      const stores = storesOf(await configOf({ awsEndpointUrl: aws.url, awsCaBundle }), warn);
      const store = await stores.load("aws-secrets-manager");
      const context = { signal: AbortSignal.timeout(8_000), count: () => undefined };
      const session = await store.open({ ...request, settings, context });
      await session.close();
      await stores.shutdown();
    }
    const ca = `the CA file ${awsCaBundle}: certificate 2 of 2 cannot be read and is left out`;
    expect(lines).toEqual([[{ ca }, message]]);
  });
});
