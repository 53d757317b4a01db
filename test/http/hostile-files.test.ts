import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TlsSettings, TrustSource } from "../../src/http/trust.ts";

/** A pod author may name such files; whatever they are, reading them ends, and soon. */
describe("TLS files that are none", () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "latchkey-tls-"));
    await writeFile(join(directory, "large"), "");
    await truncate(join(directory, "large"), 5 * 1024 ** 2);
    await promisify(execFile)("mkfifo", [join(directory, "pipe")]);
    await mkdir(join(directory, "many"));
    await Promise.all(Array.from({ length: 1_001 }, (_, n) => writeFile(join(directory, "many", String(n)), "")));
    await mkdir(join(directory, "deep/a/b/c/d/e"), { recursive: true });
    await mkdir(join(directory, "devices"));
    await symlink("/dev/zero", join(directory, "devices/zero"));
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function complaint(settings: TlsSettings): Promise<string> {
    return await new TrustSource(settings).current().then(
      () => "no error",
      (error: Error) => error.message.replaceAll(directory, "DIR"),
    );
  }

  const files: readonly (readonly [path: string, said: string])[] = [
    ["/dev/zero", "the CA file /dev/zero cannot be read (it is not a file)"],
    ["DIR/pipe", "the CA file DIR/pipe cannot be read (it is not a file)"],
    ["DIR/many", "the CA file DIR/many cannot be read (it is not a file)"],
    ["DIR/large", "the CA file DIR/large cannot be read (it is larger than 4 MiB)"],
    ["DIR/none", "the CA file DIR/none cannot be read (ENOENT)"],
  ];
  for (const [path, said] of files) {
    it(`are refused: ${path}`, async () => {
      expect(await complaint({ caFile: path.replace("DIR", directory) })).toBe(said);
    });
  }

  const directories: readonly (readonly [path: string, said: string])[] = [
    ["DIR/many", "the CA directory DIR/many cannot be read (it holds more than 1000 files)"],
    ["DIR/deep", "the CA directory DIR/deep/a/b/c/d cannot be read (it is too deep)"],
    ["DIR/devices", "the CA file DIR/devices/zero cannot be read (it is not a file)"],
    ["DIR/none", "the CA directory DIR/none cannot be read (ENOENT)"],
  ];
  for (const caMode of ["replace", "add"] as const) {
    for (const [path, said] of directories) {
      it(`are refused of a directory, which is to ${caMode}: ${path}`, async () => {
        expect(await complaint({ caDirectory: path.replace("DIR", directory), caMode })).toBe(said);
      });
    }

    it(`are refused of the whole file system, which is to ${caMode}`, async () => {
      expect(await complaint({ caDirectory: "/", caMode })).toMatch(
        /^the CA (?:directory|file) \/.* cannot be read \(/,
      );
    });
  }
});
