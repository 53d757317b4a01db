import { readdir, readFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAst } from "vitest/node";
import { dialectNames } from "../src/dialects/index.ts";
import { storeKinds } from "../src/stores/index.ts";

const src = join(import.meta.dirname, "../src");

/** From the top down; a file imports from its own floor or from below. */
const floors: readonly (readonly string[])[] = [
  ["main", "cli"],
  ["node"],
  ["server"],
  ["convert", "lint", "rotation"],
  ["mount"],
  ["fetch", "render", "deliver", "verify"],
  ["identity"],
  ["sync"],
  ["dialects"],
  ["plan"],
  ["stores", "kubernetes"],
  ["cache", "http", "formats", "address-policy"],
  ["audit"],
  ["config", "errors", "redacted", "log", "metrics", "nearest", "async", "record-keeper", "sandbox"],
];

/** Packages that only one room may know, so that a node without that store does not load them. */
const owners: readonly (readonly [RegExp, string])[] = [
  [/^node-vault$/, "stores/vault/"],
  [/^@aws-sdk\/client-sts$|^@smithy\//, "stores/aws/"],
  [/^@aws-sdk\/client-secrets-manager$/, "stores/aws-secrets-manager/"],
  [/^@aws-sdk\/client-kms$/, "stores/aws-kms/"],
  [/^age-encryption$/, "stores/sops/"],
  [/^@aws-sdk\/client-ssm$/, "stores/aws-parameter-store/"],
  [/^@grpc\//, "server/"],
  [/^commander$/, "cli/"],
  [/^pino$/, "log.ts"],
  [/^prom-client$/, "server/metrics/"],
  [/^node-forge$/, "formats/pkcs12/"],
  [/^pg$|^mysql2$|^@redis\/client$/, "verify/"],
];

/** Rooms that have a part in common. */
const family: readonly RegExp[] = [
  /^stores\/(?:file|sops|sealed-secrets)\//,
  /^stores\/aws(?:\/|-)/,
  /^stores\/gcp(?:\/|-)/,
  /^stores\/azure(?:\/|-)/,
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly lazy: boolean;
  readonly typeOnly: boolean;
}

async function sources(): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(src, { recursive: true });
  const files = names.filter((name) => name.endsWith(".ts") && !name.includes("v1alpha1"));
  return new Map(
    await Promise.all(files.map(async (name) => [name, await readFile(join(src, name), "utf8")] as const)),
  );
}

function importsOf(name: string, text: string): readonly Import[] {
  const fixed = [...text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^;"]*?\sfrom\s+)?"([^"]+)"/gm)];
  const lazy = [...text.matchAll(/\bimport\("([^"]+)"\)/g)];
  const place = (to: string) => (to.startsWith(".") ? posix.join(dirname(name), to) : to);
  return [
    ...fixed.map((match) => ({ from: name, to: place(match[2] ?? ""), lazy: false, typeOnly: match[1] !== undefined })),
    ...lazy.map((match) => ({ from: name, to: place(match[1] ?? ""), lazy: true, typeOnly: false })),
  ];
}

function withoutComments(text: string): string {
  return text.replace(/\/\*.*?\*\//gs, "").replace(/(^|\s)\/\/.*$/gm, "");
}

function floorOf(file: string): number {
  const room = file.split("/")[0]?.replace(/\.ts$/, "") ?? file;
  return floors.findIndex((rooms) => rooms.includes(room));
}

async function allImports(): Promise<readonly Import[]> {
  return [...(await sources())].flatMap(([name, text]) => importsOf(name, text));
}

function isOurs({ to }: Import): boolean {
  return to.endsWith(".ts") && !to.includes("v1alpha1");
}

/** How many parameters each function below a node of the syntax has. */
function parametersIn(node: unknown): readonly number[] {
  if (typeof node !== "object" || node === null) return [];
  const { type, params } = node as { readonly type?: unknown; readonly params?: unknown };
  const own = typeof type === "string" && /Function/.test(type) && Array.isArray(params) ? [params.length] : [];
  return [...own, ...Object.values(node).flatMap(parametersIn)];
}

describe("architecture", () => {
  it("has every file on a floor", async () => {
    expect([...(await sources()).keys()].filter((name) => floorOf(name) < 0)).toEqual([]);
  });

  it("imports point down only", async () => {
    const upward = (await allImports()).filter((entry) => isOurs(entry) && floorOf(entry.to) < floorOf(entry.from));
    expect(upward.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it("has no import cycles, of types and of lazy imports neither", async () => {
    const edges = new Map<string, string[]>();
    // A plug-in's body, which its definition loads where it is used, may ask the registry that lists the definition.
    const isBody = ({ from, lazy }: Import) => lazy && /\/definition\.ts$/.test(from);
    for (const { from, to } of (await allImports()).filter((entry) => isOurs(entry) && !isBody(entry))) {
      edges.set(from, [...(edges.get(from) ?? []), to]);
    }
    const done = new Set<string>();
    const visit = (file: string, trail: readonly string[]): readonly string[] => {
      if (trail.includes(file)) return [[...trail.slice(trail.indexOf(file)), file].join(" -> ")];
      if (done.has(file)) return [];
      const found = (edges.get(file) ?? []).flatMap((next) => visit(next, [...trail, file]));
      done.add(file);
      return found;
    };
    expect([...edges.keys()].flatMap((file) => visit(file, []))).toEqual([]);
  });

  it("keeps stores and dialects apart from each other", async () => {
    const rooms = /^(?:stores|dialects)\/([^/]+)\//;
    const strangers = (await allImports()).filter(({ from, to }) => {
      const [own, other] = [rooms.exec(from)?.[0], rooms.exec(to)?.[0]];
      const apart =
        own !== undefined && other !== undefined && own !== other && from.split("/")[0] === to.split("/")[0];
      return apart && !family.some((kin) => kin.test(own) && kin.test(other));
    });
    expect(strangers.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it("names stores and dialects in their own folders and registries only", async () => {
    // The program has the native dialect's name, and files are everywhere.
    const words = ["latchkey", "file"];
    const names = [...dialectNames, ...storeKinds].filter((name) => !words.includes(name));
    const literal = new RegExp(`["'\`](?:${names.join("|")})["'\`]|\\b(?:${names.join("|")})[A-Z]`);
    const outside = [...(await sources())].filter(
      ([name]) => !/^(?:stores|dialects)\/(?:[^/]+\/|index\.ts$)/.test(name),
    );
    expect(outside.filter(([, text]) => literal.test(withoutComments(text))).map(([name]) => name)).toEqual([]);
  });

  it("never lets a store see the request, the cache or Kubernetes", async () => {
    const seen = (await allImports()).filter(
      ({ from, to }) => from.startsWith("stores/") && /^(mount|fetch|identity|cache|kubernetes|dialects)\//.test(to),
    );
    expect(seen.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it("loads every SDK in its own room only, and those of stores lazily", async () => {
    const wrong = (await allImports()).filter((entry) => {
      const owner = owners.find(([packageName]) => packageName.test(entry.to));
      if (owner === undefined || entry.typeOnly) return false;
      return !entry.from.startsWith(owner[1]);
    });
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it("is made of the packages that the list of dependencies and the bill of materials name, and of no other", async () => {
    const { dependencies } = JSON.parse(await readFile(join(src, "../package.json"), "utf8"));
    const packages = [...(await sources())]
      .flatMap(([name, text]) => importsOf(name, text))
      .filter(
        ({ to, typeOnly }) => !typeOnly && !to.startsWith("node:") && !to.endsWith(".ts") && !to.endsWith(".json"),
      )
      .map(({ to }) => to.split("/", to.startsWith("@") ? 2 : 1).join("/"));
    expect([...new Set(packages)].sort()).toEqual(Object.keys(dependencies).sort());
  });

  it("starts with few packages: what only some mounts need is loaded by those", async () => {
    const fixed = (await allImports()).filter(({ lazy, typeOnly }) => !lazy && !typeOnly);
    const loaded = new Set(["main.ts", "cli/command.ts", "node/serve-until-stopped.ts"]);
    for (const file of loaded) for (const { from, to } of fixed) if (from === file) loaded.add(to);
    const packages = [...loaded].filter((name) => !/^(?:node:|server\/)|\.(?:ts|json)$/.test(name));
    expect(packages.sort()).toEqual([
      "@grpc/grpc-js",
      "@grpc/proto-loader",
      "commander",
      "ipaddr.js",
      "lru-cache",
      "pino",
    ]);
  });

  it("reads the environment in the configuration only", async () => {
    const readers = [...(await sources())].filter(([, text]) => /process\.env\b/.test(text)).map(([name]) => name);
    expect(readers).toEqual(["config/config.ts"]);
  });

  it("documents every export", async () => {
    const bare = [...(await sources())].flatMap(([name, text]) => {
      const lines = text.split("\n");
      return lines.flatMap((line, index) => {
        const exported = /^export (?:async )?(?:abstract )?(?:function|class|interface|type|const) (\w+)/.exec(line);
        return exported !== null && !lines[index - 1]?.trimEnd().endsWith("*/") ? [`${name}: ${exported[1]}`] : [];
      });
    });
    expect(bare).toEqual([]);
  });

  it("hands on an object where five things go together", async () => {
    const many = [...(await sources())].flatMap(([name, text]) =>
      parametersIn(parseAst(text, { lang: "ts" })).flatMap((count) => (count > 4 ? [`${name}: ${count}`] : [])),
    );
    expect(many).toEqual([]);
  });

  it("never decides by the order of error ids", async () => {
    const ordered = [...(await sources())].filter(([, text]) => /[<>]=? "LK\d/.test(text)).map(([name]) => name);
    expect(ordered).toEqual([]);
  });

  it("begins no doc comment with What", async () => {
    const begun = [...(await sources())].filter(([, text]) => /(?:\/\*\*|^\s*\*) What\b/m.test(text));
    expect(begun.map(([name]) => name)).toEqual([]);
  });

  it("keeps files at a size that one can read", async () => {
    const long = [...(await sources())].filter(([, text]) => text.split("\n").length > 250).map(([name]) => name);
    expect(long).toEqual([]);
  });

  it("leaves nothing swallowed, skipped or for later", async () => {
    const marks = /catch(?: \(\w+\))? \{\s*\}|\bTODO\b|\bFIXME\b|@ts-ignore|\bas any\b|biome-ignore/;
    expect([...(await sources())].filter(([, text]) => marks.test(text)).map(([name]) => name)).toEqual([]);
  });
});
