import module from "node:module";

// The least that a grpc-js provider can be: what Latchkey's start and memory are measured against.

if (import.meta.filename.endsWith(".mjs")) module.enableCompileCache(`${import.meta.dirname}/compile-cache`);
const { Server, ServerCredentials } = await import("@grpc/grpc-js");
const { createWire } = await import("../src/server/wire.ts");
const { service } = createWire();
const server = new Server();
const contents = Buffer.alloc(Number(process.argv[3] ?? 0), "x");
server.addService(service, {
  Version: (_call: unknown, reply: (error: null, answer: object) => void) =>
    reply(null, { version: "v1alpha1", runtimeName: "bare", runtimeVersion: "0.0.0" }),
  Mount: (_call: unknown, reply: (error: null, answer: object) => void) =>
    reply(null, { objectVersion: [{ id: "a", version: "1" }], files: [{ path: "a", mode: 420, contents }] }),
});
server.bindAsync(`unix:${process.argv[2]}`, ServerCredentials.createInsecure(), () => {
  process.stdout.write("ready\n");
});
process.once("SIGTERM", () => server.forceShutdown());
