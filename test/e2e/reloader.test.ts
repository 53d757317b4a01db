import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SecretProviderClassPodStatus } from "../driver/pod-status.ts";
import { type Moto, startMoto } from "../servers/moto.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

const region = "eu-west-1";
const roleArn = "arn:aws:iam::123456789012:role/payments";

let moto: Moto;
let nodes: readonly TestNode[];

beforeAll(async () => {
  moto = await startMoto();
  const issuer = await createTokenIssuer();
  const flags = async (directory: string) => {
    const versionKeyFile = join(directory, "version.key");
    await writeFile(versionKeyFile, Buffer.alloc(32, "v"));
    return { awsEndpointUrl: moto.url, refresh: "0s", staleAfter: "10s", versionKeyFile };
  };
  nodes = await Promise.all([1, 2, 3].map(() => startNode({ issuer, flags })));
});

afterAll(async () => {
  await Promise.all((nodes ?? []).map((node) => node.stop()));
  await moto?.stop();
});

/**
 * Reloader's rule for volumes of the driver, in our own words: the hash is SHA-1 over the sorted `id=version` of a status and its class.
 * A status whose hash has changed restarts the workload, unless the workload's template has that hash already
 * (https://github.com/stakater/Reloader, internal/pkg/util and internal/pkg/handler).
 */
class Reloader {
  restarts = 0;
  readonly #hashes = new Map<string, string>();
  #template: string | undefined;

  see(pod: string, { status }: SecretProviderClassPodStatus): void {
    const lines = status.objects.map(({ id, version }) => `${id}=${version}`);
    const sorted = [...lines, `SecretProviderClassName=${status.secretProviderClassName}`].sort();
    const hash = createHash("sha1").update(sorted.join(";")).digest("hex");
    const before = this.#hashes.get(pod);
    this.#hashes.set(pod, hash);
    if (before === undefined || before === hash || this.#template === hash) return;
    this.#template = hash;
    this.restarts += 1;
  }
}

const classes: readonly (readonly [dialect: string, parameters: (name: string) => Readonly<Record<string, string>>])[] =
  [
    [
      "latchkey",
      (name) => ({
        stores: `aws: { kind: aws-secrets-manager, region: ${region}, roleArn: "${roleArn}" }`,
        secrets: [
          `- { store: aws, name: ${name}, files: [{ path: current }] }`,
          `- { store: aws, name: ${name}, versionStage: AWSPREVIOUS, files: [{ path: previous }] }`,
        ].join("\n"),
      }),
    ],
    [
      "aws",
      (name) => ({
        ...{ region, roleArn },
        objects: [
          `- { objectName: ${name}, objectType: secretsmanager, objectAlias: current }`,
          `- { objectName: ${name}, objectType: secretsmanager, objectVersionLabel: AWSPREVIOUS, objectAlias: previous }`,
        ].join("\n"),
      }),
    ],
  ];

describe.each(classes)("Reloader, by the dialect %s", (provider, parametersOf) => {
  it("restarts a workload of six pods on three nodes once a rotation, 20 times", async () => {
    const name = `reloaded-${provider}`;
    await moto.createSecret(region, name, "0");
    await moto.putSecret(region, name, "1");
    const reloader = new Reloader();
    const mountAll = async () => {
      for (const [index, node] of nodes.entries()) {
        for (const pod of [`web-${index}-a`, `web-${index}-b`]) {
          const published = await node.publish({
            ...{ provider, parameters: parametersOf(name), audiences: ["sts.amazonaws.com"] },
            pod: { name: pod, uid: `uid-${pod}` },
          });
          reloader.see(pod, published.podStatus);
        }
      }
    };
    await mountAll();
    const restarts: number[] = [];
    for (let version = 2; version <= 21; version += 1) {
      await moto.putSecret(region, name, String(version));
      // A round that brings nothing restarts nothing.
      for (let round = 0; round < 2; round += 1) await mountAll();
      restarts.push(reloader.restarts);
    }
    expect(restarts).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });
});
