import { createHttpClient } from "../../src/http/client.ts";

/** Sends one request as its first argument says, for a test that reads what Node prints meanwhile. */
const { origin, options } = JSON.parse(process.argv[2] ?? "{}");
const client = createHttpClient(options);
const headers = { "x-vault-token": "s.CANARY-token" };
const request = { method: "PUT", path: "/v1/x", headers, body: "CANARY-body", resend: false };
const { status } = await client.send({ ...request, origin, signal: AbortSignal.timeout(10_000) });
client.close();
process.stdout.write(`status ${status}\n`);
