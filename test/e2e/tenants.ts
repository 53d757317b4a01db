import type { Answer, RecordedRequest, Script, ScriptedServer } from "../servers/scripted.ts";
import { startScripted } from "../servers/scripted.ts";
import { type NodeOptions, startNode, type TestNode } from "./node.ts";

/** A node whose tenants ask a scripted server that speaks as Vault does: the victim `shop`, and others. */
export interface Tenants {
  readonly node: TestNode;
  readonly server: ScriptedServer;
  /** Mounts a volume of a namespace: the secrets `names`, each as a file. */
  mount(namespace: string, names: readonly string[], more?: MountMore): Promise<unknown>;
  /** Reads of secrets that came to the server so far, by the name's first part. */
  reads(namespace: string): readonly RecordedRequest[];
  stop(): Promise<void>;
}

interface MountMore {
  readonly serviceAccount?: string;
  /** Settings of the store besides address and role, in YAML's flow form. */
  readonly settings?: string;
  /** Another parameter, as `templates`. */
  readonly parameters?: Readonly<Record<string, string>>;
}

const login = { auth: { client_token: "s.token", lease_duration: 3_600, renewable: false, policies: ["p"] } };

/** The answer of a KV store that holds `value` at every path. */
export function kv(value: string): Answer {
  return { body: { data: { data: { v: value }, metadata: { version: 1 } } } };
}

/** Starts it. `answer` gives the answer to a read; logins are answered. */
export async function startTenants(answer: Script, flags: NodeOptions["flags"] & object = {}): Promise<Tenants> {
  const isLogin = ({ path }: RecordedRequest) => path.endsWith("/login");
  const script: Script = (request) => (isLogin(request) ? { body: login } : answer(request));
  const server = await startScripted(script);
  const node = await startNode({
    flags: typeof flags === "function" ? flags : { allowAddress: "127.0.0.1", drain: "0s", ...flags },
  });
  let volumes = 0;
  return {
    ...{ node, server },
    async mount(namespace, names, { serviceAccount = "web", settings = "", parameters = {} } = {}) {
      volumes += 1;
      const stores = `s: { kind: vault, address: "${server.url}", role: r${settings} }`;
      const secrets = names.map(
        (name, at) => `- { store: s, name: "secret/data/${namespace}/${name}", as: n${at}, files: [{ path: f${at} }] }`,
      );
      return await node.publish({
        ...{ provider: "latchkey", audiences: ["vault"], volume: `v${volumes}` },
        pod: { namespace, serviceAccount, name: `pod-${volumes}`, uid: `uid-${volumes}` },
        parameters: { stores, secrets: secrets.join("\n"), ...parameters },
      });
    },
    reads: (namespace) => server.requests.filter(({ path }) => path.startsWith(`/v1/secret/data/${namespace}/`)),
    async stop() {
      await node.stop();
      await server.stop();
    },
  };
}

/** Follows some work: its state so far, and how it ends. */
export function watched(work: Promise<unknown>): { readonly state: () => string; readonly over: Promise<string> } {
  let state = "waits";
  const over = work.then(
    (published) => {
      const { masked } = published as { readonly masked?: Error };
      state = masked === undefined ? "ok" : masked.message;
      return state;
    },
    (error: Error) => {
      state = error.message;
      return state;
    },
  );
  return { state: () => state, over };
}
