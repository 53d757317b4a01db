import { optional } from "../../config/option.ts";
import { path } from "../../config/values.ts";

/** The operator's options for SealedSecrets. */
export const sealedOptions = {
  sealedSecretsKeys: optional(
    path,
    "file or directory with the private keys of the sealed-secrets controller; {namespace} and {serviceAccount} in it are the pod's",
  ),
};
