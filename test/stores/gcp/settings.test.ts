import { describe, expect, it } from "vitest";
import { gcpSearch } from "../../../src/stores/gcp/search.ts";
import { gcpSettings } from "../../../src/stores/gcp/settings.ts";
import { gcpToNative } from "../../../src/stores/gcp/to-native.ts";
import { gcpParameterRef } from "../../../src/stores/gcp-parameter-manager/ref.ts";
import { gcpSecretRef, nameOfSecret } from "../../../src/stores/gcp-secret-manager/ref.ts";
import type { Author } from "../../../src/stores/store.ts";
import { clusterPool, clusterProvider, federation } from "../../servers/gcp.ts";

const kind = "gcp-secret-manager";
const account = "a@p.iam.gserviceaccount.com";
const annotated = { by: "pod", impersonate: { by: "annotation" }, keyFile: "ignored" };

function read(given: object, author: Author = "pod"): unknown {
  const result = gcpSettings(kind, author).safeParse(given);
  return result.success ? result.data : result.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
}

describe("settings of Google Cloud", () => {
  const good: readonly (readonly [object, object])[] = [
    [{}, { location: "global", identity: annotated }],
    [
      { project: "p", location: "europe-west1" },
      { project: "p", location: "europe-west1", identity: annotated },
    ],
    [{ impersonate: "none" }, { location: "global", identity: { ...annotated, impersonate: { by: "nobody" } } }],
    [
      { impersonate: account, delegates: [account] },
      { location: "global", identity: { ...annotated, impersonate: { by: "account", account, delegates: [account] } } },
    ],
    [
      { identityPool: clusterPool, identityProvider: clusterProvider },
      {
        location: "global",
        identity: { ...annotated, pool: { kind: "cluster", id: clusterPool, provider: clusterProvider } },
      },
    ],
    [
      { workloadIdentityProvider: federation },
      { location: "global", identity: { ...annotated, pool: { kind: "federation", resource: federation } } },
    ],
    [{ auth: "keyFile" }, { location: "global", identity: { by: "keyFile" } }],
  ];
  it.each(good)("are read, and written again: %j", async (given, settings) => {
    expect(read(given)).toEqual(settings);
    const { fields } = gcpToNative(kind).store(read(given) as never);
    const defined = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    expect(read(defined)).toEqual(settings);
  });

  const bad: readonly (readonly [object, string])[] = [
    [{ location: "evil.test:443#" }, "location must be a location, such as europe-west1, or global"],
    [{ project: "a/b" }, "project must be the id or the number of a project"],
    [{ impersonate: "../x" }, "impersonate"],
    [{ auth: "provider" }, "auth provider is for the operator's profiles"],
    [{ auth: "keyFile", impersonate: account }, "impersonate has no meaning with auth: keyFile"],
    [{ delegates: [account] }, "delegates needs impersonate"],
    [{ identityPool: clusterPool }, "identityPool needs the other of the two"],
    [{ identityProvider: clusterProvider }, "identityProvider needs the other of the two"],
    [{ identityProvider: "http://x", identityPool: clusterPool }, "identityProvider"],
    [
      { identityPool: clusterPool, identityProvider: clusterProvider, workloadIdentityProvider: federation },
      "identityPool excludes workloadIdentityProvider",
    ],
    [{ workloadIdentityProvider: "//evil.test/x" }, "workloadIdentityProvider must be //iam.googleapis.com"],
  ];
  it.each(bad)("are refused: %j", (given, message) => {
    expect(read(given)).toEqual([expect.stringContaining(message)]);
  });

  it("may read as Latchkey itself in a profile of the operator's", () => {
    expect(read({ auth: "provider" }, "operator")).toEqual({
      location: "global",
      identity: { by: "provider", keyFile: "ignored" },
    });
  });
});

describe("refs of Google Cloud", () => {
  const secrets: readonly (readonly [object, string | undefined])[] = [
    [{ name: "db" }, "db"],
    [{ name: "db", version: 7 }, "db/versions/7"],
    [{ name: "db", version: "7" }, "db/versions/7"],
    [{ name: "db", version: "latest" }, "db"],
    [{ name: "db", version: "previous" }, "db, the version before latest"],
    [{ name: "db", alias: "previous" }, "db/versions/previous"],
    [{ name: "projects/p/secrets/db" }, "projects/p/secrets/db"],
    [{ name: "db", version: "prod" }, undefined],
    [{ name: "db", version: 0 }, undefined],
    [{ name: "db", version: 1, alias: "a" }, undefined],
    [{ name: "db/x" }, undefined],
    [{ name: "projects/p/secrets/db/versions/1" }, undefined],
    [{ name: "projects/p/locations/l/secrets/db" }, undefined],
    [{ name: "projects/p/../secrets/db" }, undefined],
    [{ name: "" }, undefined],
  ];
  it.each(secrets)("of a secret: %j", (given, name) => {
    const result = gcpSecretRef.safeParse(given);
    expect(result.success ? nameOfSecret(result.data) : undefined).toBe(name);
    if (!result.success) return;
    const { store: _, ...fields } = { store: "", ...gcpToNative(kind).ref(result.data) };
    const defined = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    expect(gcpSecretRef.parse(defined)).toEqual(result.data);
  });

  it.each([
    [{ name: "app" }, true],
    [{ name: "app", version: "v1" }, true],
    [{ name: "projects/p/parameters/app", version: 1 }, true],
    [{ name: "projects/p/secrets/app" }, false],
    [{ name: "app", version: "v1.0" }, false],
    [{ name: "app", alias: "v1" }, false],
  ] as const)("of a parameter: %j", (given, isGood) => {
    expect(gcpParameterRef.safeParse(given).success).toBe(isGood);
  });

  it.each([
    [{ prefix: "shop-" }, true],
    [{ labels: { team: "shop", größe: "ö" } }, true],
    [{}, false],
    [{ labels: {} }, false],
    [{ prefix: "a/b" }, false],
    [{ prefix: 'a" OR name:b' }, false],
    [{ labels: { Team: "x" } }, false],
    [{ labels: { team: 'x" OR labels.a="' } }, false],
    [{ labels: JSON.parse('{"__proto__":"x"}') }, false],
  ] as const)("of a search: %j", (given, isGood) => {
    expect(gcpSearch("secretmanager").safeParse(given).success).toBe(isGood);
  });
});
