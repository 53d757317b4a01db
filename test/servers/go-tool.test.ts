import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureGoTool, type GoTool } from "./go-tool.ts";

const tool: GoTool = { name: "tool", package: "example.test/cmd/tool", version: "v1.2.3", go: "1.2", tags: ["a", "b"] };

let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "lk-"));
});

afterEach(() => rm(cache, { recursive: true, force: true }));

/** A `go` that writes down how it is called, and then does as the script says. */
async function fakeGo(script: string): Promise<string> {
  const path = join(cache, "fake-go");
  await writeFile(path, `#!/bin/sh\necho "$@" >> ${join(cache, "calls")}\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

describe("a program that go installs", () => {
  it("is made once, by one of those who ask at once, and is there for the next", async () => {
    const go = await fakeGo('sleep 0.2; echo made > "$GOBIN/tool"');
    const paths = await Promise.all([1, 2, 3].map(() => ensureGoTool(tool, { cache, go })));
    paths.push(await ensureGoTool(tool, { cache, go: "/nowhere" }));
    expect(new Set(paths)).toEqual(new Set([join(cache, "go/tool-v1.2.3/tool")]));
    expect(await readFile(join(cache, "calls"), "utf8")).toBe(
      "install -trimpath -gcflags=all=-dwarf=false -tags a,b -ldflags -s -w example.test/cmd/tool@v1.2.3\n",
    );
    expect(await readdir(join(cache, "go"))).toEqual(["tool-v1.2.3"]);
  });

  it("is made although a process died while it made it", async () => {
    const go = await fakeGo('echo made > "$GOBIN/tool"');
    await mkdir(join(cache, "go"));
    await writeFile(join(cache, "go/tool-v1.2.3.lock"), "4194305");
    expect(await ensureGoTool(tool, { cache, go })).toContain("tool-v1.2.3");
  });

  it("is missed in one line that says what to install", async () => {
    await expect(ensureGoTool(tool, { cache, go: "/nowhere/go" })).rejects.toThrow(
      /^cannot make tool v1\.2\.3: \/nowhere\/go was not found\. Install Go 1\.2 or newer$/,
    );
    const go = await fakeGo("echo 'go: downloading x' >&2; echo 'go: no such module' >&2; exit 1");
    await expect(ensureGoTool(tool, { cache, go })).rejects.toThrow(
      /^cannot make tool v1\.2\.3: Go says "go: no such module"\. It needs Go 1\.2 or newer and a reachable module proxy$/,
    );
    expect(await readdir(join(cache, "go"))).toEqual([]);
  });
});
