import { createAuthority } from "../servers/certificates.ts";
import { type Answer, startScripted } from "../servers/scripted.ts";
import type { Cluster } from "./cluster.ts";

/** A running webhook. */
export interface Webhook {
  /** How often the API server has asked it; it begins to a moment after the webhook is made. */
  asked(): number;
  stop(): Promise<void>;
}

/** Has an admission webhook deny every new Secret of a namespace with a message, or never answer, until it is stopped. */
export async function startWebhook(
  cluster: Cluster,
  namespace: string,
  answer: { readonly denies: string } | "hang",
): Promise<Webhook> {
  const authority = await createAuthority("webhook");
  const server = await startScripted(({ body }) => (answer === "hang" ? "hang" : denial(body, answer.denies)), {
    tls: await authority.issue(),
  });
  const path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
  await cluster.admin.create(path, {
    metadata: { name: namespace },
    webhooks: [
      {
        ...{
          name: "secrets.example.com",
          timeoutSeconds: 30,
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
          failurePolicy: "Fail",
        },
        clientConfig: { url: `${server.url}/`, caBundle: Buffer.from(authority.caPem).toString("base64") },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["secrets"] }],
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      },
    ],
  });
  return {
    asked: () => server.requests.length,
    stop: async () => {
      await cluster.admin.delete(`${path}/${namespace}`);
      await server.stop();
    },
  };
}

function denial(body: string, message: string): Answer {
  const response = { uid: JSON.parse(body).request.uid, allowed: false, status: { code: 403, message } };
  return { body: { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response } };
}
