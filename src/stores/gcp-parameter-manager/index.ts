import { noName } from "../found-names.ts";
import type { GcpFamily } from "../gcp/family.ts";
import { secretForm } from "../gcp/names.ts";
import { gcpSearch, nameOfSearch } from "../gcp/search.ts";
import { gcpSettings } from "../gcp/settings.ts";
import type { GcpParameterRef, GcpSearch, GcpSettings } from "../gcp/types.ts";
import type { Store } from "../store.ts";
import { gcpParameterRef, nameOfParameter, parameterNamed } from "./ref.ts";

/** Google Cloud Parameter Manager. */
export function createGcpParameterManager(
  family: GcpFamily,
): Store<GcpSettings, GcpParameterRef, GcpSearch<"parametermanager">> {
  return {
    kind: "gcp-parameter-manager",
    ...family,
    settings: (author) => gcpSettings("gcp-parameter-manager", author),
    ref: gcpParameterRef,
    search: {
      query: gcpSearch("parametermanager"),
      prefixOf: ({ prefix }) => prefix,
      refOf: (_, name) => {
        if (!secretForm.test(name)) throw noName(name);
        return parameterNamed(name);
      },
    },
    nameOf: (asked) => ("prefix" in asked ? nameOfSearch(asked) : nameOfParameter(asked)),
  };
}
