import { noName } from "../found-names.ts";
import type { GcpFamily } from "../gcp/family.ts";
import { secretForm } from "../gcp/names.ts";
import { gcpSearch, nameOfSearch } from "../gcp/search.ts";
import { gcpSettings } from "../gcp/settings.ts";
import type { GcpSearch, GcpSettings } from "../gcp/types.ts";
import type { Store } from "../store.ts";
import { gcpSecretRef, secretNamed } from "./ref.ts";
import { nameOfAsked, type SecretAsked, secretTogether } from "./together.ts";

/** Google Cloud Secret Manager. */
export function createGcpSecretManager(family: GcpFamily): Store<GcpSettings, SecretAsked, GcpSearch<"secretmanager">> {
  return {
    kind: "gcp-secret-manager",
    ...family,
    settings: (author) => gcpSettings("gcp-secret-manager", author),
    ref: gcpSecretRef,
    search: {
      query: gcpSearch("secretmanager"),
      prefixOf: ({ prefix }) => prefix,
      refOf: (_, name) => {
        if (!secretForm.test(name)) throw noName(name);
        return secretNamed(name);
      },
    },
    together: secretTogether,
    nameOf: (asked) => ("prefix" in asked ? nameOfSearch(asked) : nameOfAsked(asked)),
  };
}
