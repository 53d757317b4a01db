import { optional } from "../../config/option.ts";
import { path } from "../../config/values.ts";

/** The operator's options for encrypted documents. */
export const sopsOptions = {
  sopsAgeKeyFile: optional(
    path,
    "file with age identities that open documents of SOPS; {namespace} and {serviceAccount} in it are the pod's",
  ),
};
