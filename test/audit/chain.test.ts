import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { AuditHead } from "../../src/audit/chain.ts";
import { fieldsOf } from "../../src/audit/entry.ts";
import { AuditVerifier } from "../../src/audit/verify.ts";
import { Redacted } from "../../src/redacted.ts";
import fc from "../property.ts";
import { entry, key, place, reportOf } from "./fixture.ts";

/** Lines of three processes, and the head after the last. */
async function written() {
  const { start, lines } = await place();
  let head: AuditHead | undefined;
  for (const from of [0, 10, 20]) {
    const log = await start();
    await Promise.all([0, 1, 2, 3].map((at) => log.write(entry(from + at))));
    ({ head } = log);
    await log.close();
  }
  return { lines: await lines(), head: head ?? expect.unreachable() };
}

describe("an audit log", () => {
  it("is found whole where nobody has touched it, with its head", async () => {
    const { lines, head } = await written();
    expect(reportOf(lines, [head])).toEqual({ lines: 12, findings: [], head });
  });

  it("betrays every line that is changed, by whatever byte", async () => {
    const { lines, head } = await written();
    for (const [at, line] of lines.entries()) {
      for (let byte = 0; byte < line.length; byte += 7) {
        const other = line[byte] === "0" ? "1" : "0";
        const forged = lines.with(at, `${line.slice(0, byte)}${other}${line.slice(byte + 1)}`);
        expect(reportOf(forged, [head]).findings.length, `byte ${byte} of line ${at}`).toBeGreaterThan(0);
      }
    }
  });

  it("betrays every line that is taken out, before the exported head", async () => {
    const { lines, head } = await written();
    for (const at of lines.keys()) {
      const report = reportOf(lines.toSpliced(at, 1), [head]);
      expect(report.findings.length, `line ${at}`).toBeGreaterThan(0);
    }
    for (let kept = 0; kept < lines.length; kept++) {
      expect(reportOf(lines.slice(0, kept), [head]).findings.length, `${kept} kept`).toBeGreaterThan(0);
    }
    for (const boot of [0, 4, 8]) {
      const report = reportOf(lines.toSpliced(boot, 4), [head]);
      expect(report.findings.length, `boot ${boot}`).toBeGreaterThan(0);
    }
  });

  it("betrays lines that are swapped, repeated, joined or made up", async () => {
    const { lines, head } = await written();
    for (const at of lines.keys()) {
      const [one = "", two = ""] = [lines[at], lines[(at + 1) % lines.length]];
      const swapped = lines.with(at, two).with((at + 1) % lines.length, one);
      const forgeries = [
        swapped,
        lines.toSpliced(at, 0, one),
        lines.toSpliced(at, 0, "{}"),
        lines.toSpliced(at, 0, ""),
      ];
      for (const forged of forgeries) expect(reportOf(forged, [head]).findings.length).toBeGreaterThan(0);
    }
  });

  it("betrays another key, and a head of another log", async () => {
    const { lines } = await written();
    const other = await written();
    expect(reportOf(lines, [], { key: new Redacted<Uint8Array>(Buffer.alloc(32, 8)) }).findings.length).toBe(12);
    expect(reportOf(lines, [other.head]).findings).toEqual([
      { file: "file", line: 12, what: expect.stringContaining("the exported head") },
    ]);
  });

  it("says so where it does not start at the beginning, or behind the head that is given for it", async () => {
    const { lines, head } = await written();
    for (const from of [1, 4, 6]) {
      const { boot, seq, mac } = JSON.parse(lines[from - 1] ?? "");
      const late = lines.slice(from);
      expect(reportOf(late, [head]).findings.length, "without what was before").toBe(1);
      expect(reportOf(late, [head], { after: { boot, seq, mac } }).findings).toEqual([]);
      expect(reportOf(lines.slice(from + 1), [head], { after: { boot, seq, mac } }).findings.length).toBe(1);
      expect(reportOf(lines, [head], { after: { boot, seq, mac } }).findings.length).toBe(1);
    }
  });

  it("may start anew with a process that writes to standard output, which cannot know what was before", async () => {
    const [one, two] = [await written(), await written()];
    const lines = [...one.lines, ...two.lines];
    expect(reportOf(lines, [one.head, two.head]).findings).toEqual([
      { file: "file", line: 13, what: expect.stringContaining("but does not continue the line before it") },
    ]);
    const mixed = (given: readonly string[]) => {
      const verifier = new AuditVerifier({ key, heads: [one.head, two.head], mixed: true });
      for (const [index, text] of given.entries()) verifier.add(text, "file", index + 1);
      return verifier.report();
    };
    expect(mixed(lines)).toMatchObject({ lines: 24, findings: [] });
    for (const at of lines.keys()) {
      if (at > 0) expect(mixed(lines.toSpliced(at, 1)).findings.length, `line ${at}`).toBeGreaterThan(0);
    }
  });

  it("betrays a first line that was made up around the exported head", async () => {
    const { lines, head } = await written();
    const last = (lines.at(-1) ?? "").replace('"shop"', '"none"');
    expect(reportOf([last], [head]).findings).toEqual([
      { file: "file", line: 1, what: "was changed, or written with another key" },
      { file: "file", line: 1, what: expect.stringContaining("the exported head") },
    ]);
  });

  it("names the place of what is wrong", async () => {
    const { lines } = await written();
    const changed = (lines[5] ?? "").replace('"ok"', '"no"');
    expect(reportOf(lines.with(5, changed)).findings).toEqual([
      { file: "file", line: 6, what: "was changed, or written with another key" },
    ]);
    expect(reportOf(lines.toSpliced(5, 1)).findings).toEqual([
      { file: "file", line: 6, what: expect.stringMatching(/^does not follow the line before it \(line 0 of boot /) },
    ]);
  });

  it("names a hundred of many things that are wrong", () => {
    expect(reportOf(Array.from({ length: 1_000 }, () => "x")).findings.length).toBe(100);
  });

  it("of the same entries has another chain with every process, and shows nothing of the key", async () => {
    const [one, two] = [await written(), await written()];
    expect(one.head.mac).not.toBe(two.head.mac);
    expect(one.lines.join()).not.toContain(Buffer.from(key.reveal()).toString("base64url"));
  });
});

describe("a line", () => {
  it("has the fields of an entry and no others, whatever an object holds", async () => {
    const { start, lines } = await place();
    const log = await start({ chained: false });
    const objects = [{ store: "vault", ref: "a", answer: "fetched", value: "CANARY" }] as const;
    const odd = { ...entry(1, { objects }), token: "CANARY", values: ["CANARY"] };
    await log.write({ ...odd, pod: { ...odd.pod, ip: "CANARY" } as never });
    const [line = ""] = await lines();
    expect(line).not.toContain("CANARY");
    expect(Object.keys(JSON.parse(line))).toEqual([
      ...["audit", "boot", "seq", "time", "dialect", "namespace", "serviceAccount", "pod"],
      ...["secretProviderClass", "proved", "result", "objects"],
    ]);
  });

  it("is one line, whatever names hold, and bounded; a long list is folded with its count and digest", async () => {
    const { start, lines } = await place();
    const log = await start({ mostBytes: 50_000_000 });
    const name = `a\n"},"mac":"${"x".repeat(43)}"}\u2028${"\u0001".repeat(5_000)}`;
    const objects = Array.from({ length: 1_500 }, (_, at) => ({
      ...{ store: "s", ref: `${name}${at}`, answer: "denied" as const },
    }));
    await Promise.all([log.write(entry(1, { secretProviderClass: name, objects })), log.write(entry(2))]);
    const all = await lines();
    expect(reportOf(all).findings).toEqual([]);
    const [long, short] = all.map((line) => JSON.parse(line));
    expect([long.pod.name, long.folded.objects, short.pod.name, short.folded]).toEqual([
      ...["web-1", 1_500, "web-2", undefined],
    ]);
    const refs = long.objects.map(({ ref }: { ref: string }) => ref);
    // Of what is cut the digest tells which it was.
    expect([refs.length > 10, new Set(refs).size]).toEqual([true, refs.length]);
    expect(refs[0]).toMatch(/\.\.\.sha256:[0-9a-f]{64}$/);
    for (const line of all) expect(Buffer.byteLength(line)).toBeLessThan(70_000);
  });

  it("has names whole up to 1,024 bytes as they stand in it, and cuts longer ones at a character, by generated names", () => {
    const refOf = (ref: string): string => {
      const objects = [{ store: "s", ref, answer: "absent" as const }];
      return JSON.parse(`{${fieldsOf(entry(1, { objects }), (wanted) => wanted)}}`).objects[0].ref;
    };
    const unit = fc.constantFrom("a", "\u0001", '"', "ä", "\u{1f511}", "\ud800", "\u2028");
    fc.assert(
      fc.property(fc.array(fc.tuple(unit, fc.integer({ min: 1, max: 700 })), { maxLength: 4 }), (parts) => {
        const name = parts.map(([text, times]) => text.repeat(times)).join("");
        const inLine = (text: string) => Buffer.byteLength(JSON.stringify(text)) - 2;
        const shown = refOf(name);
        if (inLine(name) <= 1_024) {
          expect(shown).toBe(name);
          return;
        }
        const [start = "", digest] = shown.split("...sha256:");
        expect(digest).toBe(createHash("sha256").update(name).digest("hex"));
        expect([name.startsWith(start), inLine(start) <= 1_024, inLine(start) > 1_010]).toEqual([true, true, true]);
      }),
      { numRuns: 500 },
    );
  });

  it("has the digest of the whole list, as it would stand in a line that has room for it", async () => {
    const objects = Array.from({ length: 40 }, (_, at) => ({
      ...{ store: "vault", ref: `secret/data/ä"${at}`, version: "3", answer: "cached" as const },
    }));
    const whole = JSON.parse(`{${fieldsOf(entry(1, { objects }), (wanted) => wanted)}}`);
    expect([whole.objects, whole.folded]).toEqual([objects, undefined]);
    const sha256 = createHash("sha256").update(JSON.stringify(whole.objects)).digest("hex");
    for (const room of [0, 1, 50, 500, 2_000]) {
      const folded = JSON.parse(`{${fieldsOf(entry(1, { objects, sync: "ok" }), () => room)}}`);
      expect([folded.folded, folded.sync]).toEqual([{ objects: 40, sha256 }, "ok"]);
      expect(folded.objects).toEqual(objects.slice(0, folded.objects.length));
      expect(Buffer.byteLength(JSON.stringify(folded.objects))).toBeLessThanOrEqual(Math.max(2, room));
    }
  });
});
