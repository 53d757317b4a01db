import { parseGoBool } from "../../config/go-bool.ts";
import { forPlans, type Option, option } from "../../config/option.ts";
import { flag, type ValueType } from "../../config/values.ts";

/** A switch as Go reads it. */
const goFlag: ValueType<boolean> = { allowed: "true or false", parse: parseGoBool };

const nodePublishSecret: Option<boolean> & { readonly fallback: boolean } = {
  ...option(goFlag, false, "let pods of `provider: gcp` log in with the key.json of their nodePublishSecretRef"),
  env: [["ALLOW_NODE_PUBLISH_SECRET"]],
  dialect: "gcp",
};

/** Ways to log in that pods may use besides their own token. */
export const gcpDialectOptions = {
  ...forPlans({
    gcpProviderAdc: option(
      flag,
      false,
      "let SecretProviderClasses of `provider: gcp` say auth: provider-adc and so read as Latchkey itself; whoever may write one then reads what Latchkey may",
    ),
    gcpNodePublishSecret: nodePublishSecret,
  }),
};
