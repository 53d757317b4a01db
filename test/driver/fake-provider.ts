import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server, ServerCredentials, type ServerUnaryCall, type ServiceError, type sendUnaryData } from "@grpc/grpc-js";
import { loadService, type MountRequest, type MountResponse } from "./wire.ts";

/** A call as the fake provider saw it. */
interface SeenCall {
  readonly authority: string;
  readonly request: MountRequest;
}

/** Answers a mount; throw an object with `code` and `details` to fail it. */
export type MountScript = (request: MountRequest) => Partial<MountResponse>;

/** A provider that answers what a test says, on a real socket in a directory of its own. */
export interface FakeProvider {
  readonly socketDir: string;
  readonly calls: readonly SeenCall[];
  answerWith(script: MountScript): void;
  stop(): Promise<void>;
}

/** A gRPC failure for a `MountScript` to throw. */
export function failure(code: number, details: string): Partial<ServiceError> {
  return Object.assign(new Error(details), { code, details });
}

/** Serves `<socketDir>/fake.sock`. */
export async function startFakeProvider(script: MountScript): Promise<FakeProvider> {
  const socketDir = await mkdtemp(join(tmpdir(), "latchkey-fake-"));
  const calls: SeenCall[] = [];
  let current = script;
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  server.addService(loadService(), {
    Version: (_call: unknown, reply: sendUnaryData<object>) =>
      reply(null, { version: "v1alpha1", runtime_name: "fake", runtime_version: "0.0.1" }),
    Mount: (call: ServerUnaryCall<MountRequest, MountResponse>, reply: sendUnaryData<Partial<MountResponse>>) => {
      calls.push({ authority: call.getHost(), request: call.request });
      try {
        reply(null, current(call.request));
      } catch (error) {
        reply(error as Partial<ServiceError>);
      }
    },
  });
  await bind(server, `unix:${join(socketDir, "fake.sock")}`);
  return {
    socketDir,
    calls,
    answerWith: (next) => {
      current = next;
    },
    stop: async () => {
      server.forceShutdown();
      await rm(socketDir, { recursive: true, force: true });
    },
  };
}

function bind(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}
