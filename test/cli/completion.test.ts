import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { run } from "./run.ts";

/** Returns the words that bash offers for the last one of a command line. */
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
    expect(await offers(script, "latchkey", "cache", "")).toEqual(["ls", "drop", "expire", "--help"]);
    expect(await offers(script, "latchkey", "cache", "drop", "--na")).toEqual(["--namespace", "--name"]);
    expect(await offers(script, "latchkey", "lint", "a.yaml", "--warn")).toEqual(["--warnings-as-errors"]);
    expect(await offers(script, "latchkey", "completion", "z")).toEqual(["zsh"]);
  });

  it("offers in bash what an option takes: its choices, files, directories, or nothing", async () => {
    const { stdout: script } = await run(["completion", "bash"]);
    expect(await offers(script, "latchkey", "lint", "--format", "")).toEqual(["human", "json", "sarif", "github"]);
    expect(await offers(script, "latchkey", "lint", "--format", "s")).toEqual(["sarif"]);
    expect(await offers(script, "latchkey", "plan", "a.yaml", "--format", "")).toEqual(["human", "json"]);
    expect(await offers(script, "latchkey", "schema", "--dialect", "")).toEqual([
      "latchkey",
      "vault",
      "openbao",
      "aws",
      "gcp",
      "azure",
    ]);
    expect(await offers(script, "latchkey", "serve", "--deliver", "")).toEqual(["driver", "provider"]);
    expect(await offers(script, "latchkey", "serve", "--providers", "va")).toEqual(["vault"]);
    expect(await offers(script, "latchkey", "mount", "--sync", "t")).toEqual(["true"]);
    expect(await offers(script, "latchkey", "lint", "--format", "=", "h")).toEqual(["human"]);
    expect(await offers(script, "latchkey", "lint", "--format", "=")).toEqual(["human", "json", "sarif", "github"]);
    expect(await offers(script, "latchkey", "plan", "--namespace", "")).toEqual([]);
    expect(await offers(script, "latchkey", "lint", "--vault-addr", "")).toEqual([]);
    expect(await offers(script, "latchkey", "mount", "--sync", "--serv")).toEqual(["--service-account"]);
    // Behind its value an option is over.
    expect(await offers(script, "latchkey", "lint", "--format", "json", "--warn")).toEqual(["--warnings-as-errors"]);
    expect(await offers(script, "latchkey", "lint", "--warnings-as-errors", "--form")).toEqual(["--format"]);
  });

  it("offers in bash files only where they are meant", async () => {
    const { stdout: script } = await run(["completion", "bash"]);
    const [file, directory] = ["/proc/self/sta", "/proc/self/ta"];
    expect(await offers(script, "latchkey", "lint", file)).toContain("/proc/self/status");
    expect(await offers(script, "latchkey", "lint", "--config", file)).toContain("/proc/self/status");
    expect(await offers(script, "latchkey", "mount", "--token-file", file)).toContain("/proc/self/status");
    expect(await offers(script, "latchkey", "mount", "--target", directory)).toEqual(["/proc/self/task"]);
    expect(await offers(script, "latchkey", "mount", "--target", file)).toEqual([]);
    expect(await offers(script, "latchkey", "cache", "ls", file)).toEqual([]);
    expect(await offers(script, "latchkey", "completion", file)).toEqual([]);
  });

  it("tells zsh and fish what options take", async () => {
    const [zsh, fish] = [await run(["completion", "zsh"]), await run(["completion", "fish"])];
    expect(zsh.stdout).toContain("\"lint --format\") values=('human' 'json' 'sarif' 'github') ;;");
    expect(zsh.stdout).toContain('"lint --config") kind=files ;;');
    expect(zsh.stdout).toContain('"mount --target") kind=directories ;;');
    expect(zsh.stdout).toContain('"plan --namespace") kind=text ;;');
    const inLint = "complete -c latchkey -n '__fish_seen_subcommand_from lint'";
    expect(fish.stdout).toContain(`${inLint} -l format -x -a 'human json sarif github' -d 'output format'`);
    expect(fish.stdout).toContain(`${inLint} -l config -r -F -d `);
    expect(fish.stdout).toContain(`${inLint} -l namespace -x -d `);
    expect(fish.stdout).toContain(`${inLint} -l warnings-as-errors -d `);
    expect(fish.stdout).toContain("-l target -x -a '(__fish_complete_directories)' -d ");
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
