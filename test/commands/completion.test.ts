import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { run } from "./run.ts";

/** What bash offers behind the words of a command line. */
async function offers(script: string, ...words: readonly string[]): Promise<readonly string[]> {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const asked = `${script}\ncd /proc/self/fd\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _latchkey; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)("bash", ["-c", asked]);
  return stdout.split("\n").filter((line) => line !== "" && !/^\d+$/.test(line));
}

describe("latchkey completion", () => {
  it("offers in bash the commands, those of a command, options and choices", async () => {
    const { stdout: script } = await run(["completion", "bash"]);
    const commands = await offers(script, "latchkey", "");
    expect(commands).toEqual(
      expect.arrayContaining([
        "serve",
        "cache",
        "lint",
        "plan",
        "mount",
        "schema",
        "completion",
        "--version",
        "--help",
      ]),
    );
    expect(await offers(script, "latchkey", "li")).toEqual(["lint"]);
    expect(await offers(script, "latchkey", "cache", "")).toEqual(["ls", "drop", "--help"]);
    expect(await offers(script, "latchkey", "cache", "drop", "--na")).toEqual(["--namespace", "--name"]);
    expect(await offers(script, "latchkey", "lint", "a.yaml", "--warn")).toEqual(["--warnings-as-errors"]);
    expect(await offers(script, "latchkey", "completion", "z")).toEqual(["zsh"]);
  });

  it("prints scripts for zsh and fish that name every command with what it does", async () => {
    const [zsh, fish] = [await run(["completion", "zsh"]), await run(["completion", "fish"])];
    expect(zsh.stdout).toMatch(/^#compdef latchkey\n/);
    expect(zsh.stdout).toContain(
      "'lint:check SecretProviderClasses, and pods that use them, without asking any store'",
    );
    expect(fish.stdout).toContain(
      "complete -c latchkey -n '__fish_use_subcommand' -a lint -d 'check SecretProviderClasses",
    );
    expect(fish.stdout).toContain(
      "complete -c latchkey -n '__fish_seen_subcommand_from cache; and __fish_seen_subcommand_from ls' -l json -d 'as JSON'",
    );
  });

  it("refuses a shell that it does not know", async () => {
    expect(await run(["completion", "tcsh"])).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("a misspelt word", () => {
  it.each([
    ["lnt", "lint"],
    ["lint -- --formt", undefined],
    ["lint --formt", "--format"],
    ["cache dorp", "drop"],
  ])("of `%s` is answered with the nearest known one", async (line, near) => {
    const { code, stderr } = await run(line.split(" "));
    expect(code).toBe(2);
    if (near !== undefined) expect(stderr).toContain(`(Did you mean ${near}?)`);
  });
});
