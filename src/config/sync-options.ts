import { option } from "./option.ts";
import { flag, list, positiveDuration, text } from "./values.ts";

/** The options that decide which Kubernetes Secrets SecretProviderClasses of the native dialect may have written. */
export const syncOptions = {
  sync: option(
    flag,
    false,
    "write the Kubernetes Secrets that SecretProviderClasses of the native dialect name; needs --version-key-file, and the rights to get secretproviderclasses and to get, create and patch secrets",
  ),
  syncNamespaces: option(
    list(text),
    ["*"],
    "namespaces, or patterns of them, in which Kubernetes Secrets may be written",
  ),
  syncSystemNamespaces: option(
    list(text),
    ["openshift", "openshift-*"],
    "namespaces, or patterns of them, in which Kubernetes Secrets are never written, besides kube-* and Latchkey's own",
  ),
  syncMetadataPrefixes: option(
    list(text),
    [],
    "prefixes that keys of their labels and annotations may have; default: none",
  ),
  syncRecheck: option(
    positiveDuration,
    600_000,
    "how long a written Secret is assumed to exist before it is checked again",
  ),
};
