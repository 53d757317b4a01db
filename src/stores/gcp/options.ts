import { forPlans, type Option, option, optional } from "../../config/option.ts";
import { choice, path, text, tokenUrl, urlHost, type ValueType } from "../../config/values.ts";
import { federationForm, poolForm, projectForm } from "./names.ts";

/** Text of one form. */
function form(pattern: RegExp, placeholder: string, allowed: string): ValueType<string> {
  return { placeholder, allowed, parse: (value) => (pattern.test(value) ? value : undefined) };
}

/** A base URL in which words in braces are filled in. */
function baseUrl(...words: readonly string[]): ValueType<string> {
  const named = words.map((word) => `{${word}}`).join(" and ");
  return {
    placeholder: "<url>",
    allowed: `${tokenUrl.allowed}; ${named} in it ${words.length === 1 ? "is" : "are"} filled in`,
    parse(value) {
      const filled = words.reduce((url, word) => url.replaceAll(`{${word}}`, "x"), value);
      return tokenUrl.parse(filled) === undefined ? undefined : value.replace(/\/+$/, "");
    },
  };
}

/** A variable of the GCP provider has a name of every day, so it counts only where the dialect is served. */
function ofProvider(
  describe: string,
  type: ValueType<string>,
  variable: string,
): Option<string> & { fallback: undefined } {
  return { ...optional(type, describe, variable), fallback: undefined, dialect: "gcp" };
}

const project = form(projectForm, "<project>", "the id of a project");
const pool = form(poolForm, "<pool>", "an identity pool, such as PROJECT.svc.id.goog");
const federation = form(
  federationForm,
  "<resource>",
  "//iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER",
);
const domain = form(/^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}$/, "<domain>", "a domain, such as googleapis.com");

/** How Google Cloud is reached, and what it knows this cluster by. */
export const gcpOptions = {
  ...forPlans({
    gcpProject: optional(project, "Google Cloud project of secrets whose names say none; default: the cluster's own"),
    gcpIdentityPool: optional(
      pool,
      "identity pool that knows this cluster's service accounts; default: that of the GKE cluster, by the metadata server",
    ),
    gcpIdentityProvider: optional(
      text,
      "the cluster in that pool, https://container.googleapis.com/v1/projects/PROJECT/locations/LOCATION/clusters/CLUSTER; default: by the metadata server",
    ),
    gcpWorkloadIdentityProvider: optional(
      federation,
      "provider of a workload identity pool that knows this cluster, for clusters that are not Google's",
    ),
    gcpImpersonation: option(
      choice("annotation", "none"),
      "annotation",
      "whether pods act as the Google service account that an annotation of their own names, which needs the right to get serviceaccounts",
    ),
  }),
  gcpClusterProject: ofProvider("project of this GKE cluster; default: by the metadata server", project, "PROJECT"),
  gcpClusterLocation: ofProvider(
    "location of this GKE cluster; default: by the metadata server",
    text,
    "CLUSTER_LOCATION",
  ),
  gcpClusterName: ofProvider("name of this GKE cluster; default: by the metadata server", text, "CLUSTER_NAME"),
  gcpClusterEndpoint: ofProvider(
    "base of the URLs that clusters are known by; default: https://container.googleapis.com/v1",
    tokenUrl,
    "GKE_WORKLOAD_IDENTITY_ENDPOINT",
  ),
  gcpCredentialsFile: ofProvider(
    "credential configuration of a fleet or workload identity pool that names this cluster's pool; with --gcp-provider-adc also Latchkey's own credentials",
    path,
    "GOOGLE_APPLICATION_CREDENTIALS",
  ),
  gcpMetadataHost: {
    ...optional(urlHost, "host of the metadata server; default: 169.254.169.254", "GCE_METADATA_HOST"),
    fallback: undefined,
  },
  gcpUniverseDomain: {
    ...option(domain, "googleapis.com", "domain of Google's services, if not googleapis.com"),
    env: [["GOOGLE_CLOUD_UNIVERSE_DOMAIN"]],
  },
  gcpEndpoint: optional(
    baseUrl("service"),
    "base URL of the global services, such as https://{service}-ENDPOINT.p.googleapis.com for Private Service Connect; default: Google's",
  ),
  gcpRegionalEndpoint: optional(
    baseUrl("service", "location"),
    "base URL of the services of a region; default: https://{service}.{location}.rep.googleapis.com",
  ),
  gcpStsEndpoint: ofProvider(
    "URL at which tokens are exchanged; default: https://sts.googleapis.com/v1/token",
    tokenUrl,
    "GAIA_TOKEN_EXCHANGE_ENDPOINT",
  ),
  gcpCaBundle: optional(path, "PEM file with the CAs of Google's services; default: the CAs that Node.js brings"),
};
