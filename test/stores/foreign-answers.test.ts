import { afterEach, describe, expect, it } from "vitest";
import { toProviderError } from "../../src/errors.ts";
import type { GcpIdentity } from "../../src/stores/gcp/types.ts";
import { foreignAnswers } from "../servers/foreign-answers.ts";
import type { Answer } from "../servers/scripted.ts";
import { startAzureStore } from "./azure/azure-store.ts";
import { asPod, openGcp, secret } from "./gcp/opened-gcp.ts";

/** One way to ask, which something else than the store answers. */
interface Asking {
  readonly what: string;
  start(): Promise<{
    /** Asks anew, answered so; gives the error. */
    ask(answer: Answer): Promise<unknown>;
    stop(): Promise<void>;
  }>;
}

const account = "payments@shop-prod.iam.gserviceaccount.com";

/** A step of Google Cloud: requests to `path` get the answer, others Google's. */
function ofGoogle(what: string, path: RegExp, isLogin: boolean, identity: GcpIdentity = asPod): Asking {
  return {
    what: `Google Cloud: ${what}`,
    start: async () => {
      const { gcp, open, read, stop } = await openGcp();
      gcp.addSecret("db", "one");
      const session = isLogin ? undefined : await open({ identity });
      return {
        ask: async (answer) => {
          gcp.answerNormally();
          gcp.server.requests.length = 0;
          gcp.answerNext(path, answer, 1);
          if (session === undefined) return await open({ identity });
          const [outcome] = await read(session, secret("db"));
          return outcome?.ok === false ? outcome.error : outcome;
        },
        stop,
      };
    },
  };
}

function ofAzure(what: string, part: "vault" | "login" | "imds"): Asking {
  return {
    what: `Azure: ${what}`,
    start: async () => {
      const { azure, open, outcomes, stop } = await startAzureStore({ managedIdentity: ["shop"] });
      const by = part === "imds" ? { settings: { identity: { by: "managedIdentity" } } as const } : {};
      const session = part === "vault" ? await open() : undefined;
      return {
        ask: async (answer) => {
          azure.override((_, asked) => (asked === part ? answer : undefined));
          if (session === undefined) return await open(by);
          const [outcome] = await outcomes(session, { name: "db" });
          return outcome?.ok === false ? outcome.error : outcome;
        },
        stop,
      };
    },
  };
}

const asAccount: GcpIdentity = {
  ...{ by: "pod", keyFile: "ignored" },
  impersonate: { by: "account", account, delegates: [] },
};

const askings: readonly Asking[] = [
  ofGoogle("a read", /:access$/, false),
  ofGoogle("the token service", /\/v1\/(?:token|identitybindingtoken)$/, true),
  ofGoogle("impersonation", /:generateAccessToken$/, true, asAccount),
  ofAzure("a read", "vault"),
  ofAzure("Microsoft Entra ID", "login"),
  ofAzure("the Instance Metadata Service", "imds"),
];

describe.each(askings)("what something else answers in place of $what", ({ start }) => {
  let stop: (() => Promise<void>) | undefined;
  afterEach(async () => await stop?.());

  it("is an outage, and no word about login or secret", async () => {
    const asking = await start();
    ({ stop } = asking);
    const wrong: string[] = [];
    // Who asks for fewer calls says nothing of a secret, whoever it is; a vault is then left alone for a while.
    const inOrder = [...foreignAnswers].sort(
      (a, b) => Number(a.answer.status === 429) - Number(b.answer.status === 429),
    );
    for (const { what, answer } of inOrder) {
      const expected = answer.status === 429 ? "LK0031" : "LK0030";
      const got = await asking.ask(answer).catch((thrown: unknown) => toProviderError(thrown));
      const { id } = toProviderError(got);
      if (id !== expected) wrong.push(`${what}: ${id}`);
    }
    expect(wrong).toEqual([]);
  });
});
