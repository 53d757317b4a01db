import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { noneNeeded, ProviderError, toProviderError } from "../errors.ts";
import type { MountCall } from "../mount/mount-call.ts";
import { RunningCall } from "./call.ts";
import type { ReplyBudget } from "./reply-budget.ts";
import { publishSocket, type SocketFile, withdrawSocket } from "./socket.ts";
import { toStatus } from "./status.ts";
import type { MountRequest__Output } from "./v1alpha1/v1alpha1/MountRequest.ts";
import type { VersionRequest__Output } from "./v1alpha1/v1alpha1/VersionRequest.ts";
import type { VersionResponse } from "./v1alpha1/v1alpha1/VersionResponse.ts";
import type { Wire } from "./wire.ts";

/** Time after the drain for the last answers to leave, in milliseconds. */
const lastAnswers = 500;

/** One dialect's socket. */
export interface EndpointOptions {
  readonly wire: Wire;
  readonly socketPath: string;
  readonly runtimeVersion: string;
  /** Answers `Mount` with the encoded `MountResponse`; throws what the driver shall be told. */
  readonly mount: (call: MountCall) => Promise<Buffer>;
  /** Longest mount where the caller sets no deadline, in milliseconds. */
  readonly mountTimeout: number;
  readonly budget: ReplyBudget;
}

/** A socket that is being served. */
export interface Endpoint {
  /** Takes the socket away, lets running mounts end within `drain` milliseconds, answers the rest with `LK0009`. */
  stop(drain: number): Promise<void>;
}

/** Serves the driver's provider API on one Unix socket. Throws `SocketError` where the socket cannot be had. */
export async function serveEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const running = new Set<RunningCall>();
  const server = new Server({
    // grpc-js would answer RESOURCE_EXHAUSTED, one of the codes that can start a pod without files; the mount refuses
    // long requests itself. Only root and this user reach the socket.
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    "grpc.enable_channelz": 0,
  });
  const { service } = options.wire;
  server.addService(
    // The mount encodes its reply itself, to know its exact size before anything is sent.
    { ...service, Mount: { ...service.Mount, responseSerialize: (reply: Buffer) => reply } },
    {
      Version: versionHandler(options.runtimeVersion),
      Mount: (call: ServerUnaryCall<MountRequest__Output, Buffer>, reply: sendUnaryData<Buffer>) => {
        void answerMount(call, reply, options, running);
      },
    },
  );
  const file = await publishSocket(options.socketPath, (path) => bind(server, path));
  return { stop: (drain) => stopServer(server, file, running, drain) };
}

function versionHandler(runtimeVersion: string) {
  return (_call: ServerUnaryCall<VersionRequest__Output, VersionResponse>, reply: sendUnaryData<VersionResponse>) => {
    reply(null, { version: "v1alpha1", runtimeName: "latchkey", runtimeVersion });
  };
}

async function answerMount(
  call: ServerUnaryCall<MountRequest__Output, Buffer>,
  reply: sendUnaryData<Buffer>,
  { mount, mountTimeout, budget }: EndpointOptions,
  running: Set<RunningCall>,
): Promise<void> {
  const deadline = call.getDeadline();
  const current = new RunningCall({ request: call.request, deadline: Number(deadline), timeout: mountTimeout, budget });
  running.add(current);
  // grpc-js says "cancelled" when a call is over in any way: sent, cancelled by the caller, or its connection lost.
  call.once("cancelled", () => {
    current.end();
    running.delete(current);
  });
  try {
    const answer = await mount(current);
    current.answered();
    reply(null, answer);
  } catch (thrown) {
    reply(toStatus(toProviderError(thrown)));
  }
}

async function bind(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

async function stopServer(server: Server, file: SocketFile, running: Set<RunningCall>, drain: number): Promise<void> {
  await withdrawSocket(file);
  const ended = new Promise<void>((resolve) => {
    server.tryShutdown(() => resolve());
  });
  if (!(await endsWithin(ended, drain))) {
    const stopping = new ProviderError("LK0009", "Latchkey is stopping", {
      fix: noneNeeded,
    });
    for (const call of running) call.stop(stopping);
    await endsWithin(ended, lastAnswers);
  }
  server.forceShutdown();
}

async function endsWithin(ended: Promise<void>, time: number): Promise<boolean> {
  const clock = Promise.withResolvers<boolean>();
  const timer = setTimeout(clock.resolve, time, false);
  const inTime = await Promise.race([ended.then(() => true), clock.promise]);
  clearTimeout(timer);
  return inTime;
}
