import { readFile } from "node:fs/promises";
import { decodeJwt, errors } from "jose";
import { variable } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";

/** Where the command line has tokens from. */
export interface TokenFlags {
  readonly tokenFile?: readonly string[];
  readonly tokenEnv?: readonly string[];
  readonly token?: readonly string[];
}

/** Service account tokens by audience. No error quotes one. Throws `ConfigError`. */
export async function readTokens({
  tokenFile = [],
  tokenEnv = [],
  token = [],
}: TokenFlags): Promise<ReadonlyMap<string, string>> {
  const tokens = new Map<string, string>();
  for (const file of tokenFile) addOwn(tokens, await readToken(file, "--token-file"), `--token-file ${file}`);
  for (const name of tokenEnv) addOwn(tokens, readVariable(name), `--token-env ${name}`);
  for (const pair of token) {
    const [audience, file] = splitPair(pair, "--token", "AUDIENCE=FILE");
    tokens.set(audience, await readToken(file, "--token"));
  }
  return tokens;
}

/** Entries of nodePublishSecretRef's Secret. Throws `ConfigError`. */
export async function readCredentials(secret: readonly string[] = []): Promise<ReadonlyMap<string, string>> {
  const credentials = new Map<string, string>();
  for (const pair of secret) {
    const [key, file] = splitPair(pair, "--secret", "KEY=FILE");
    credentials.set(key, await readText(file, "--secret"));
  }
  return credentials;
}

/** A token says itself whom it is for; whether that is true is the store's to judge. */
function addOwn(tokens: Map<string, string>, token: string, source: string): void {
  const audiences = audiencesOf(token);
  if (audiences.length === 0) {
    throw new ConfigError(`${source}: is not a token that names an audience; give --token AUDIENCE=FILE`);
  }
  for (const audience of audiences) tokens.set(audience, token);
}

function audiencesOf(token: string): readonly string[] {
  try {
    const { aud = [] } = decodeJwt(token);
    return Array.isArray(aud) ? aud : [aud];
  } catch (error) {
    if (error instanceof errors.JWTInvalid) return [];
    throw error;
  }
}

function readVariable(name: string): string {
  const token = variable(name)?.trim() ?? "";
  if (token !== "") return token;
  throw new ConfigError(`--token-env ${name}: the variable is not set; set it to a token`);
}

async function readToken(file: string, flag: string): Promise<string> {
  const token = (await readText(file, flag)).trim();
  if (token !== "") return token;
  throw new ConfigError(`${flag}: ${file} is empty; give a file with a token`);
}

async function readText(file: string, flag: string): Promise<string> {
  return await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(`${flag}: ${file} cannot be read (${error.code}); check the path and its permissions`);
  });
}

/** An audience can hold `=`, as URLs do; a file's name is what stands behind the last one. */
function splitPair(pair: string, flag: string, form: string): readonly [name: string, file: string] {
  const at = flag === "--token" ? pair.lastIndexOf("=") : pair.indexOf("=");
  if (at > 0 && at < pair.length - 1) return [pair.slice(0, at), pair.slice(at + 1)];
  throw new ConfigError(`${flag}: write ${form}`);
}
