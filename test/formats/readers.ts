import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureGoModule } from "../servers/go-module.ts";
import { ensureVenv } from "../servers/venv.ts";

const run = promisify(execFile);

/** The result of reading one text. */
export interface Read {
  readonly value?: unknown;
  readonly error?: string;
}

/** Reads each text with PyYAML. */
export async function readByPyYaml(texts: readonly string[]): Promise<readonly Read[]> {
  const program = `
import json, sys, yaml
def read(text):
    try:
        return {"value": yaml.safe_load(text)}
    except Exception as error:
        return {"error": str(error)}
json.dump([read(text) for text in json.load(open(sys.argv[1], encoding="utf-8"))], sys.stdout)
`;
  const { python } = await ensureVenv();
  return JSON.parse(await withFile(JSON.stringify(texts), (path) => output(python, ["-c", program, path])));
}

/** Reads each text with Go's libraries: `yaml.v3`, and `sigs.k8s.io/yaml`, which Kubernetes uses. */
export async function readByGo(texts: readonly string[]): Promise<readonly (readonly [v3: Read, sigs: Read])[]> {
  const directory = await ensureYamlReader();
  const script = 'exec "$0" < "$1"';
  return JSON.parse(
    await withFile(JSON.stringify(texts), (path) => output("sh", ["-c", script, join(directory, "read-yaml"), path])),
  );
}

/** Makes the program that reads by Go's libraries, on first use in a few seconds. */
export async function ensureYamlReader(): Promise<string> {
  return await ensureGoModule({ name: "read-yaml", directory: join(import.meta.dirname, "go/yaml"), go: "1.25" });
}

/** Reads the file with a shell, and returns what that hands on of the names V0, V1, ... */
export async function readByBash(text: string): Promise<Readonly<Record<string, string>>> {
  const read = await withFile(text, (path) => output("bash", ["-c", 'set -a; . "$0"; exec env -0', path]));
  const lines = read.split("\0").map((line) => /^(V\d+)=(.*)$/s.exec(line));
  return Object.fromEntries(lines.flatMap((line) => (line === null ? [] : [[line[1] ?? "", line[2] ?? ""]])));
}

/** Reads the file with python-dotenv, variables replaced as it does by itself. */
export async function readByPythonDotenv(text: string): Promise<Readonly<Record<string, string>>> {
  const program = "import json, sys, dotenv; json.dump(dotenv.dotenv_values(sys.argv[1]), sys.stdout)";
  const { python } = await ensureVenv();
  return JSON.parse(await withFile(text, (path) => output(python, ["-c", program, path])));
}

/** Reads the file by `--env-file` of a new Node process, and returns what its environment has by `names`. */
export async function readByEnvFile(text: string, names: readonly string[]): Promise<readonly string[]> {
  const script = "process.stdout.write(JSON.stringify(process.argv.slice(1).map((name) => process.env[name])))";
  return JSON.parse(
    await withFile(text, (path) => output(process.execPath, [`--env-file=${path}`, "-e", script, ...names])),
  );
}

async function output(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(command, [...args], { env: { PATH: process.env.PATH }, maxBuffer: 64 * 1024 ** 2 });
  return stdout;
}

async function withFile<T>(text: string, use: (path: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "latchkey-formats-"));
  try {
    const path = join(directory, "file");
    await writeFile(path, text);
    if ((await readFile(path, "utf8")) !== text) throw new Error("the text is not valid UTF-8");
    return await use(path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
