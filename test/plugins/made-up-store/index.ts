import * as z from "zod";
import { ProviderError } from "../../../src/errors.ts";
import { Redacted } from "../../../src/redacted.ts";
import type { StoreHost } from "../../../src/stores/host.ts";
import type { Secret, Store } from "../../../src/stores/store.ts";

/** Where a shelf stands. */
export interface ShelfSettings {
  readonly room: string;
}

/** One secret on a shelf. */
export interface ShelfRef {
  readonly name: string;
  readonly layer?: string | undefined;
}

/** All secrets of a colour: names do not begin alike. */
export interface ShelfSearch {
  readonly colour: string;
}

const settings = z
  .strictObject({ kind: z.literal("shelf").optional(), room: z.string().regex(/^[a-z]+$/, "must be small letters") })
  .transform(({ room }): ShelfSettings => ({ room }));
const ref: z.ZodType<ShelfRef> = z.strictObject({ name: z.string().min(1), layer: z.string().optional() });
const query: z.ZodType<ShelfSearch> = z.strictObject({ colour: z.string() });

/** Secrets that are made up of what is asked. */
export function createShelf(_: StoreHost): Store<ShelfSettings, ShelfRef, ShelfSearch> {
  return {
    kind: "shelf",
    settings: () => settings,
    ref,
    search: { query, shortOf: (_query, name) => name.replace("-", "/"), refOf: (_query, name) => ({ name }) },
    nameOf: (asked) => ("colour" in asked ? `everything ${asked.colour}` : asked.name),
    isLocal: () => false,
    endpoint: ({ room }) => room,
    place: ({ room }) => `the shelf in the ${room}`,
    audience: () => ({ name: "shelves", chosen: true }),
    scope: () => "serviceAccount",
    effect: () => "read",
    proof: () => "token",
    needs: () => [],
    open: async (request) => {
      if (!request.identity.tokens.has("shelves")) throw new ProviderError("LK0011", "there is no token for shelves");
      return {
        read: async (asked, context) => answer(asked, request.settings, context.count),
        close: async () => undefined,
      };
    },
    shutdown: async () => undefined,
  };
}

function answer(asked: ShelfRef | ShelfSearch, { room }: ShelfSettings, count: (what: "read") => void): Secret {
  count("read");
  if ("colour" in asked) return found(JSON.stringify([`${asked.colour}-1`]));
  return found(JSON.stringify({ room, name: asked.name }));
}

function found(text: string): Secret {
  return { value: new Redacted<Uint8Array>(Buffer.from(text)), version: "1" };
}
