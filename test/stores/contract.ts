import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProviderError } from "../../src/errors.ts";
import type { StoreHost } from "../../src/stores/host.ts";
import type { StoreKind } from "../../src/stores/index.ts";
import { createStores } from "../../src/stores/index.ts";
import type { Author, CallContext, Found, Identity, Session, Store, Stores } from "../../src/stores/store.ts";
import { type Outcome, outcomesOf } from "./outcomes.ts";

/** A store of one kind that is ready to be asked, with what the contract wants to find in it. */
export interface StoreHarness {
  readonly host: StoreHost;
  readonly settings: { readonly author: Author; readonly raw: object };
  readonly identity: Identity;
  readonly found: Found;
  /** Secrets that the identity may read: the ref as the native dialect writes it, and the value. */
  readonly secrets: readonly { readonly ref: object; readonly text: string }[];
  /** Gives the first secret another value; answers the text that is then read. */
  rotate(): Promise<string>;
  readonly absent: object;
  /** A search that finds these names, one that finds nothing, one that the store cannot make, and one that is denied while something runs. */
  readonly search: {
    readonly query: object;
    readonly names: readonly string[];
    readonly nothing: object;
    readonly impossible: object;
    readonly denied: { readonly query: object; during<T>(run: () => Promise<T>): Promise<T> };
  };
  /** A ref, and a way to have it denied while something runs. */
  readonly denied: { readonly ref: object; during<T>(run: () => Promise<T>): Promise<T> };
  /** True where the store has versions of its own. */
  readonly versioned: boolean;
  /** Reads of one turn go out as one request. */
  readonly together?: true;
  /** How many calls reading the secrets takes, if not one each. */
  readonly calls?: number;
  /** Texts that may appear nowhere. */
  readonly canaries: readonly string[];
  /** Absent for a store without a network. */
  readonly network?: { hang(): void; refuse(): Promise<void>; heal(): Promise<void> };
  stop(): Promise<void>;
}

interface Opened {
  readonly store: Store;
  readonly session: Session;
}

/** Tries on a real store what every store promises (`src/stores/store.ts`). */
export function describeStoreContract(kind: StoreKind, start: () => Promise<StoreHarness>): void {
  describe(`the ${kind} store`, () => {
    const errors: unknown[] = [];
    let harness: StoreHarness;
    let stores: Stores;

    beforeAll(async () => {
      harness = await start();
      stores = createStores(harness.host);
    });

    afterAll(async () => {
      await stores.shutdown();
      await harness.stop();
    });

    const counts = { login: 0, read: 0, renew: 0, revoke: 0 };
    const context = (signal = AbortSignal.timeout(10_000)): CallContext => ({
      signal,
      count: (operation) => {
        counts[operation]++;
      },
    });

    const expectLocal = async () => {
      const store = await stores.load(kind);
      const settings = store.settings(harness.settings.author).parse(harness.settings.raw);
      expect(store.isLocal(settings, store.ref.parse(harness.secrets[0]?.ref))).toBe(true);
    };

    const open = async (more: { identity?: Identity; signal?: AbortSignal } = {}): Promise<Opened> => {
      const store = await stores.load(kind);
      const settings = store.settings(harness.settings.author).parse(harness.settings.raw);
      const { identity = harness.identity, signal } = more;
      const session = await store.open({ identity, settings, found: harness.found, context: context(signal) });
      return { store, session };
    };

    const fetch = async ({ store, session }: Opened, refs: readonly object[], signal?: AbortSignal) => {
      const outcomes = await outcomesOf(
        session,
        refs.map((ref) => store.ref.parse(ref)),
        context(signal),
      );
      for (const outcome of outcomes) if (!outcome.ok) errors.push(outcome.error);
      return outcomes;
    };

    const failure = async (run: Promise<unknown>): Promise<ProviderError> => {
      const error = await run.then(
        () => expect.unreachable("it should have failed"),
        (thrown: ProviderError) => thrown,
      );
      errors.push(error);
      return error;
    };

    test("is loaded once, and says its kind", async () => {
      expect(await stores.load(kind)).toBe(await stores.load(kind));
      expect((await stores.load(kind)).kind).toBe(kind);
    });

    test("reads settings and refs strictly, and gives equal values for equal meaning", async () => {
      const store = await stores.load(kind);
      const { author, raw } = harness.settings;
      const [ref] = harness.secrets.map((secret) => secret.ref);
      expect(store.settings(author).parse(raw)).toEqual(store.settings(author).parse({ kind, ...raw }));
      expect(store.settings(author).safeParse({ ...raw, surprise: 1 }).success).toBe(false);
      expect(store.settings(author).safeParse(undefined).success).toBe(false);
      expect(store.ref.safeParse({ ...ref, surprise: 1 }).success).toBe(false);
      expect(store.ref.safeParse({}).success).toBe(false);
      expect(store.nameOf(store.ref.parse(ref))).not.toBe("");
    });

    test("reads secrets as they are, with one call each, or one for all where the store reads them together", async () => {
      const opened = await open();
      const before = counts.read;
      const outcomes = await fetch(
        opened,
        harness.secrets.map(({ ref }) => ref),
      );
      expect(outcomes.map(textOf)).toEqual(harness.secrets.map(({ text }) => text));
      expect(counts.read - before).toBe(harness.together === true ? 1 : (harness.calls ?? harness.secrets.length));
      await opened.session.close();
    });

    test("answers in the order of the refs, found or not", async () => {
      const opened = await open();
      const [first, second] = harness.secrets;
      const refs = Array.from({ length: 40 }, (_, at) => (at % 3 === 0 ? first : at % 3 === 1 ? second : undefined));
      const outcomes = await fetch(
        opened,
        refs.map((secret) => secret?.ref ?? harness.absent),
      );
      expect(outcomes.map(textOf)).toEqual(refs.map((secret) => secret?.text ?? "LK0034 absent"));
    });

    test("tells an absent secret from a denied one", async () => {
      const opened = await open();
      const denied = await harness.denied.during(() => fetch(opened, [harness.denied.ref]));
      const absent = await fetch(opened, [harness.absent]);
      expect([...denied, ...absent].map(textOf)).toEqual(["LK0033 denied", "LK0034 absent"]);
      for (const outcome of [...denied, ...absent]) {
        expect(outcome.ok || outcome.error.details.fix).toEqual(expect.any(String));
      }
    });

    test("finds names, sorted, and reads each of them", async () => {
      const opened = await open();
      const { search } = opened.store;
      const query = search.query.parse(harness.search.query);
      const [listed] = await outcomesOf(opened.session, [query], context());
      const names = JSON.parse(listed === undefined ? "" : textOf(listed)) as string[];
      expect(names).toEqual(harness.search.names);
      expect(names.every((name) => name.startsWith(search.prefixOf?.(query) ?? ""))).toBe(true);
      const refs = names.map((name) => search.refOf(query, name));
      expect(refs.map((ref) => opened.store.nameOf(ref))).toEqual(names);
      const outcomes = await outcomesOf(opened.session, refs, context());
      expect(outcomes.map(({ ok }) => ok)).toEqual(names.map(() => true));
    });

    test("finds an empty list where nothing is", async () => {
      const { store, session } = await open();
      const outcomes = await outcomesOf(session, [store.search.query.parse(harness.search.nothing)], context());
      expect(outcomes.map(textOf)).toEqual(["[]"]);
    });

    test("reads searches strictly, and refuses those that it cannot make", async () => {
      const { search } = await stores.load(kind);
      expect(search.query.safeParse({ ...harness.search.query, surprise: 1 }).success).toBe(false);
      expect(search.query.safeParse(harness.search.impossible).success).toBe(false);
    });

    test("tells a denied search, and one whose time is over", async () => {
      const { store, session } = await open();
      const { query, during } = harness.search.denied;
      const denied = await during(() => outcomesOf(session, [store.search.query.parse(query)], context()));
      const late = await outcomesOf(session, [store.search.query.parse(query)], context(AbortSignal.abort()));
      expect([...denied, ...late].map(textOf)).toEqual(["LK0033 denied", "LK0030 outage"]);
      for (const outcome of [...denied, ...late]) if (!outcome.ok) errors.push(outcome.error);
    });

    test("keeps a version while the secret stays, over sessions too, and changes it with the secret", async () => {
      const [first] = harness.secrets;
      const read = async () => {
        const [outcome] = await fetch(await open(), [first?.ref ?? {}]);
        return outcome?.ok === true ? outcome.secret : expect.unreachable();
      };
      const [one, two] = [await read(), await read()];
      expect(two.version).toBe(one.version);
      expect(typeof one.version).toBe(harness.versioned ? "string" : "undefined");
      const text = await harness.rotate();
      const three = await read();
      expect(Buffer.from(three.value.reveal()).toString()).toBe(text);
      if (harness.versioned) expect(three.version).not.toBe(one.version);
    });

    test("asks nothing once the caller's time is over", async () => {
      const opened = await open();
      const before = counts.read;
      const outcomes = await fetch(opened, [harness.secrets[1]?.ref ?? {}, harness.absent], AbortSignal.abort());
      expect(outcomes.map(textOf)).toEqual(["LK0030 outage", "LK0030 outage"]);
      expect(counts.read).toBe(before);
    });

    test("refuses to log in without the token that it needs", async () => {
      const store = await stores.load(kind);
      const settings = store.settings(harness.settings.author).parse(harness.settings.raw);
      const audience = store.audience(settings);
      const withoutTokens = { identity: { ...harness.identity, tokens: new Map() } };
      if (audience === undefined) {
        const opened = await open(withoutTokens);
        const [outcome] = await fetch(opened, [harness.secrets[1]?.ref ?? {}]);
        expect(outcome && textOf(outcome)).toBe(harness.secrets[1]?.text);
        return;
      }
      const error = await failure(open(withoutTokens));
      expect([error.id, error.details.fix]).toEqual([
        "LK0011",
        `add \`- audience: ${JSON.stringify(audience.name)}\` to spec.tokenRequests of the CSIDriver secrets-store.csi.k8s.io`,
      ]);
    });

    test("keeps to the caller's deadline with a server that hangs, at login and at a read", async () => {
      if (harness.network === undefined) return await expectLocal();
      const opened = await open();
      harness.network.hang();
      try {
        // What did not keep to it would wait until the test's own time is over.
        const outcomes = await fetch(opened, [harness.secrets[1]?.ref ?? {}], AbortSignal.timeout(150));
        expect(outcomes.map(textOf)).toEqual(["LK0030 outage"]);
        expect((await failure(open({ signal: AbortSignal.timeout(150) }))).id).toBe("LK0030");
      } finally {
        await harness.network.heal();
      }
    });

    test("calls a server that is gone an outage, and reads again when it is back", async () => {
      if (harness.network === undefined) return await expectLocal();
      const opened = await open();
      await harness.network.refuse();
      const [outcome] = await fetch(opened, [harness.secrets[1]?.ref ?? {}]);
      const login = await failure(open());
      await harness.network.heal();
      expect([outcome && textOf(outcome), login.id]).toEqual(["LK0030 outage", "LK0030"]);
      const [again] = await fetch(opened, [harness.secrets[1]?.ref ?? {}]);
      expect(again && textOf(again)).toBe(harness.secrets[1]?.text);
    });

    test("renews nothing while it made no lease", async () => {
      const { session } = await open();
      expect((await session.renew?.(context())) ?? false).toBe(false);
    });

    test("closes a session more than once without a word", async () => {
      const { session } = await open();
      expect(await session.close()).toBeUndefined();
      expect(await session.close()).toBeUndefined();
    });

    test("shows no secret, token or credential in any error, session, store or outcome", async () => {
      const opened = await open();
      const outcomes = await fetch(
        opened,
        harness.secrets.map(({ ref }) => ref),
      );
      const seen = [errors, opened, outcomes, harness.host, harness.identity];
      const shown = `${inspect(seen, { depth: 12, showHidden: true })} ${JSON.stringify(seen)} ${errors.map(describeError)}`;
      expect(errors.length).toBeGreaterThan(3);
      const texts = harness.secrets.map(({ text }) => text);
      for (const canary of [...harness.canaries, ...texts, ...tokensOf(harness.identity)]) {
        expect(shown.includes(canary), "a secret or token was shown").toBe(false);
      }
    });
  });
}

/** The value of a secret, or id and reason of the error. */
function textOf(outcome: Outcome): string {
  if (outcome.ok) return Buffer.from(outcome.secret.value.reveal()).toString("utf8");
  return `${outcome.error.id} ${outcome.error.reason}`;
}

function describeError(error: unknown): string {
  return (error as ProviderError).describe();
}

function tokensOf(identity: Identity): readonly string[] {
  return [...identity.tokens.values()].map((token) => token.reveal());
}
