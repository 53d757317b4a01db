import type { About, Entry } from "../../src/cache/entries.ts";

/** Of whom and what an entry is, where the test does not care. */
export const someAbout: About = {
  namespace: "shop",
  serviceAccount: "pay",
  store: "vault",
  name: "db",
  ref: '{"path":"db"}',
  place: "https://vault",
  endpoint: "vault",
  login: "login",
};

/** An entry that differs from a plain one as said. */
export function entryOf(
  key: string,
  { namespace = "shop", ...more }: Partial<Entry<string>> & { namespace?: string } = {},
): Entry<string> {
  return {
    key,
    about: { ...someAbout, namespace },
    value: `value of ${key}`,
    bytes: 10,
    fetchedAt: 0,
    fetchedWall: 0,
    freshUntil: 1_000,
    immutable: false,
    issued: false,
    ...more,
  };
}
