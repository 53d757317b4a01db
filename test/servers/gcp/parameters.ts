import type { Answer, RecordedRequest } from "../scripted.ts";
import { googleError } from "./errors.ts";
import { numbered, pageOf, parentOf, unnumbered, wrongFilter } from "./secrets.ts";
import type { GcpState } from "./state.ts";

/** https://cloud.google.com/secret-manager/parameter-manager/docs/reference/rest/v1/projects.locations.parameters.versions/render */
export function renderVersion(name: string, version: string, state: GcpState): Answer {
  const parameter = state.parameters.get(name);
  const shown = `${numbered(name, state)}/versions/${version}`;
  const stored = parameter?.versions.get(version);
  if (parameter === undefined || stored === undefined)
    return googleError("NOT_FOUND", `Resource '${shown}' was not found`);
  if (stored.disabled) return googleError("FAILED_PRECONDITION", `ParameterVersion ${shown} is disabled.`);
  const rendered = parameter.format === "UNFORMATTED" ? stored.data : rendering(stored.data, state);
  if (rendered === undefined)
    return googleError("INVALID_ARGUMENT", "A secret that the parameter refers to could not be read.");
  return {
    body: {
      parameterVersion: shown,
      payload: { data: stored.data.toString("base64") },
      renderedPayload: rendered.toString("base64"),
    },
  };
}

/** https://cloud.google.com/secret-manager/parameter-manager/docs/reference-secrets-in-parameter */
const reference =
  /__REF__\(\\?"\/\/secretmanager\.googleapis\.com\/(projects\/[^/]+(?:\/locations\/[^/]+)?\/secrets\/[^/]+)\/versions\/(\w+)\\?"\)/g;

function rendering(data: Buffer, state: GcpState): Buffer | undefined {
  let missing = false;
  const text = data.toString("utf8").replace(reference, (_, name: string, version: string) => {
    const secret = state.secrets.get(unnumbered(name, state));
    const stored = secret?.versions[(version === "latest" ? secret.versions.length : Number(version)) - 1];
    missing ||= stored === undefined;
    return JSON.stringify(stored?.data.toString("utf8") ?? "").slice(1, -1);
  });
  return missing ? undefined : Buffer.from(text);
}

/** https://cloud.google.com/secret-manager/parameter-manager/docs/reference/rest/v1/projects.locations.parameters.versions/list */
export function listVersions(name: string, request: RecordedRequest, state: GcpState): Answer {
  const parameter = state.parameters.get(name);
  if (parameter === undefined) return googleError("NOT_FOUND", `Resource '${numbered(name, state)}' was not found`);
  const all = [...parameter.versions].map(([id, { createTime, disabled }]) => {
    return [
      id,
      { labels: {}, name: `${numbered(name, state)}/versions/${id}`, createTime, ...(disabled ? { disabled } : {}) },
    ] as const;
  });
  const page = pageOf(all, request, state);
  if (page === undefined) return wrongFilter;
  return { body: { parameterVersions: page.entries.map(([, { labels: _, ...version }]) => version), ...page.rest } };
}

/** https://cloud.google.com/secret-manager/parameter-manager/docs/reference/rest/v1/projects.locations.parameters/list */
export function listParameters(parent: string, request: RecordedRequest, state: GcpState): Answer {
  const page = pageOf(
    [...state.parameters].filter(([name]) => parentOf(name) === parent),
    request,
    state,
  );
  if (page === undefined) return wrongFilter;
  const parameters = page.entries.map(([name, { labels, format }]) => ({
    name: numbered(name, state),
    labels,
    format,
  }));
  return { body: { ...(parameters.length === 0 ? {} : { parameters }), ...page.rest } };
}
