import { createAuthority } from "../servers/certificates.ts";
import { type Answer, startScripted } from "../servers/scripted.ts";
import type { Cluster } from "./cluster.ts";
import { untilDenied } from "./policy.ts";

/** A running webhook. */
export interface Webhook {
  /** How often the API server has asked it; one that hangs is asked from a moment after it was made. */
  asked(): number;
  stop(): Promise<void>;
}

/** Denies with these words, and a status of its own; never answers; or has its connections cut. */
type Behaviour = { readonly denies: string; readonly code?: number } | "hang" | "cut";

/** The name that the API server calls every webhook of a test by. */
export const webhookName = "secrets.example.com";

/** Has an admission webhook stand before every new Secret of a namespace, until it is stopped. */
export async function startWebhook(cluster: Cluster, namespace: string, behaviour: Behaviour): Promise<Webhook> {
  const authority = await createAuthority("webhook");
  const server = await startScripted(({ body }) => answerOf(behaviour, body), {
    tls: await authority.issue(),
  });
  const path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
  await cluster.admin.create(path, {
    metadata: { name: namespace },
    webhooks: [
      {
        ...{
          name: webhookName,
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
  if (behaviour !== "hang") await untilDenied(cluster, namespace, webhookName);
  return {
    asked: () => server.requests.length,
    stop: async () => {
      await cluster.admin.delete(`${path}/${namespace}`);
      await server.stop();
    },
  };
}

function answerOf(behaviour: Behaviour, body: string): Answer {
  if (behaviour === "hang") return "hang";
  if (behaviour === "cut") return "reset";
  const { denies: message, code = 403 } = behaviour;
  const response = { uid: JSON.parse(body).request.uid, allowed: false, status: { code, message } };
  return { body: { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response } };
}
