import { whoReads } from "../who-reads.ts";
import { commonWords, type DialectWords } from "../words.ts";

/** The words of `provider: gcp`. */
export const gcpWords: DialectWords = {
  anyCase: false,
  parameters: [
    { name: "secrets", about: "YAML list of secrets and parameters." },
    {
      name: "auth",
      about:
        "Whose credentials read: the pod's own (pod-adc), or Latchkey's (provider-adc), where the operator allows it.",
      schema: { enum: ["", "pod-adc", "provider-adc"] },
    },
    ...commonWords,
  ],
  list: "secrets",
  fields: [
    {
      name: "resourceName",
      about:
        "projects/PROJECT/secrets/SECRET/versions/VERSION, or with locations/LOCATION before secrets; or projects/PROJECT/locations/LOCATION/parameters/PARAMETER/versions/VERSION.",
    },
    { name: "path", about: "Path of the file in the volume." },
    { name: "fileName", about: "The same, where path is left out." },
    {
      name: "mode",
      about: `Mode of the file, a number: 0640 is octal, 640 is decimal. ${whoReads}`,
      schema: { type: "integer" },
    },
    { name: "extractJSONKey", about: "Key of a secret that is a JSON object; its value is text." },
    { name: "extractYAMLKey", about: "Key of a secret that is a YAML map; its value is text." },
  ],
  required: ["resourceName"],
  prefixes: [],
  inner: new Map(),
};
