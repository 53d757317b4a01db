import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The kinds of keys that certificates have. */
export const keyKinds = ["rsa", "ec", "ed25519"] as const;

/** How a file is encrypted, as OpenSSL's command line says it. */
export const encryptions = {
  "RC2-40 and 3DES": ["-legacy"],
  "3DES": ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
  "RC2-128": ["-legacy", "-keypbe", "PBE-SHA1-RC2-128", "-certpbe", "PBE-SHA1-RC2-128"],
  "PBES2 with AES-256": [],
  "PBES2 with AES-128 and a MAC of SHA-512": [
    "-keypbe",
    "AES-128-CBC",
    "-certpbe",
    "AES-128-CBC",
    "-macalg",
    "sha512",
    "-iter",
    "10000",
  ],
  "nothing, and no MAC": ["-nomac", "-keypbe", "NONE", "-certpbe", "NONE"],
} as const;

/** A leaf's key and the certificates from it to the root, as PEM. */
export interface Chain {
  readonly key: string;
  readonly leaf: string;
  readonly intermediate: string;
  readonly root: string;
}

/** OpenSSL's command line in a directory of its own. */
export class OpenSsl {
  readonly directory = mkdtempSync(join(tmpdir(), "latchkey-openssl-"));

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, content: string | Uint8Array): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  /** Runs it and returns what it says. */
  run(...words: readonly string[]): string {
    return execFileSync("openssl", words, { cwd: this.directory, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Makes a root, an intermediate and a leaf. */
  chain(kind: (typeof keyKinds)[number]): Chain {
    const algorithm = { rsa: "RSA:2048", ec: "EC", ed25519: "ED25519" }[kind];
    const [type = "", bits] = algorithm.split(":");
    const options = bits === undefined ? [] : ["-pkeyopt", `rsa_keygen_bits:${bits}`];
    const curve = kind === "ec" ? ["-pkeyopt", "ec_paramgen_curve:P-256"] : [];
    for (const name of ["root", "intermediate", "leaf"]) {
      this.run("genpkey", "-algorithm", type, ...options, ...curve, "-out", `${name}.key`);
    }
    this.write(
      "ca.ext",
      "basicConstraints=critical,CA:true\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n",
    );
    this.write(
      "leaf.ext",
      "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nsubjectAltName=DNS:shop.example\n",
    );
    this.run("req", "-x509", "-new", "-key", "root.key", "-subj", "/CN=root", "-days", "2", "-out", "root.crt");
    this.#sign("intermediate", "root", "ca.ext");
    this.#sign("leaf", "intermediate", "leaf.ext");
    const read = (name: string) => readFileSync(this.path(name), "utf8");
    return {
      key: read("leaf.key"),
      leaf: read("leaf.crt"),
      intermediate: read("intermediate.crt"),
      root: read("root.crt"),
    };
  }

  /** Writes a PKCS#12 file without a password. The other certificates go into it in this order. */
  pkcs12({ key, leaf }: Pick<Chain, "key" | "leaf">, others: readonly string[], words: readonly string[]): Buffer {
    this.write("in.key", key);
    this.write("in.crt", leaf);
    this.write("others.crt", others.join(""));
    const more = others.length === 0 ? [] : ["-certfile", "others.crt"];
    this.run(
      "pkcs12",
      "-export",
      "-inkey",
      "in.key",
      "-in",
      "in.crt",
      ...more,
      "-passout",
      "pass:",
      "-out",
      "out.p12",
      ...words,
    );
    return readFileSync(this.path("out.p12"));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  #sign(name: string, issuer: string, extensions: string): void {
    this.run("req", "-new", "-key", `${name}.key`, "-subj", `/CN=${name}`, "-out", `${name}.csr`);
    const by = ["-CA", `${issuer}.crt`, "-CAkey", `${issuer}.key`, "-CAcreateserial"];
    this.run("x509", "-req", "-in", `${name}.csr`, ...by, "-extfile", extensions, "-days", "2", "-out", `${name}.crt`);
  }
}

/** The blocks of a PEM text, by label and content alone. */
export function pemBlocks(text: string): readonly string[] {
  return [...text.matchAll(/-----BEGIN ([A-Z ]+)-----([^-]+)-----END/g)].map(
    ([, label, body = ""]) => `${label} ${body.replace(/\s/g, "")}`,
  );
}
