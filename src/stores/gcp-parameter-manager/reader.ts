import { ProviderError } from "../../errors.ts";
import { isJsonArray, type JsonObject, type JsonValue, memberOf } from "../../formats/json.ts";
import { Redacted } from "../../redacted.ts";
import { listFix } from "../gcp/fixes.ts";
import { lastPart, resourcePath } from "../gcp/names.ts";
import { bytesOf, nameIn } from "../gcp/payload.ts";
import { type GcpReader, projectFor, type ReaderParts, readApi } from "../gcp/reader.ts";
import { nameOfSearch, pageQuery, searchPages } from "../gcp/search.ts";
import type { GcpParameterRef, GcpSearch } from "../gcp/types.ts";
import type { CallContext, Secret } from "../store.ts";
import { parameterFix } from "./fixes.ts";
import { nameOfParameter } from "./ref.ts";

/** Reads parameters of Parameter Manager, with the secrets that they refer to filled in, several at a time. */
export function createParameterReader(parts: ReaderParts): GcpReader {
  return {
    async read(asked, context): Promise<Secret> {
      if ("prefix" in asked) return await search(asked, parts, context);
      if ("refs" in asked || asked.service !== "parametermanager") throw new TypeError("no parameter");
      return await readParameter(asked, parts, context);
    },
  };
}

/** A parameter, the version that is wanted of it, and how errors speak of both. */
interface Place {
  readonly project: string;
  readonly resource: string;
  readonly fix: ReturnType<typeof parameterFix>;
}

async function readParameter(ref: GcpParameterRef, parts: ReaderParts, context: CallContext): Promise<Secret> {
  const project = await projectFor(ref.project, parts);
  const { location } = parts.settings;
  const resource = resourcePath(project, location, "parameters", ref.parameter);
  const { member } = parts.login;
  const placeOf = (version: string): Place => {
    return { project, resource, fix: parameterFix({ project, location, parameter: ref.parameter, version, member }) };
  };
  const version = ref.version ?? (await newestOf(ref, placeOf("VERSION"), parts, context));
  return await parts.limit(() => render(version, placeOf(version), parts, context));
}

/** https://cloud.google.com/secret-manager/parameter-manager/docs/reference/rest/v1/projects.locations.parameters.versions/render */
async function render(version: string, place: Place, parts: ReaderParts, context: CallContext): Promise<Secret> {
  const what = `${place.resource}/versions/${version}`;
  const path = `${place.resource}/versions/${encodeURIComponent(version)}:render`;
  const answer = await ask({ path, what }, place, parts, context);
  const name = nameIn(answer.get("parameterVersion"), what);
  // Not immutable: what a parameter refers to may change.
  return { value: new Redacted<Uint8Array>(bytesOf(answer.get("renderedPayload"), what)), version: name };
}

/** So many pages of versions are looked through for the newest. */
const mostPages = 20;

/** https://cloud.google.com/secret-manager/parameter-manager/docs/reference/rest/v1/projects.locations.parameters.versions/list */
async function newestOf(ref: GcpParameterRef, place: Place, parts: ReaderParts, context: CallContext): Promise<string> {
  let newest: Version | undefined;
  let pageToken: JsonValue | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const query = new URLSearchParams({ pageSize: "1000", ...(typeof pageToken === "string" ? { pageToken } : {}) });
    const what = `the versions of ${place.resource}`;
    const path = `${place.resource}/versions?${query}`;
    const answer = await parts.limit(() => ask({ path, what }, place, parts, context));
    newest = [...(newest === undefined ? [] : [newest]), ...versionsIn(answer)].reduce<Version | undefined>(
      later,
      undefined,
    );
    pageToken = answer.get("nextPageToken");
    if (typeof pageToken !== "string" || pageToken === "") break;
  }
  if (newest !== undefined) return newest.name;
  throw new ProviderError("LK0034", `${nameOfParameter(ref)} has no version that is not disabled`, {
    fix: "add a version: gcloud parametermanager parameters versions create",
  });
}

interface Version {
  readonly name: string;
  readonly at: number;
}

function versionsIn(answer: JsonObject): readonly Version[] {
  const list = answer.get("parameterVersions");
  return (isJsonArray(list) ? list : []).flatMap((each) => {
    const [name, created] = [memberOf(each, "name"), memberOf(each, "createTime")];
    if (typeof name !== "string" || typeof created !== "string" || memberOf(each, "disabled") === true) return [];
    return [{ name: lastPart(name), at: Date.parse(created) }];
  });
}

function later(known: Version | undefined, other: Version): Version {
  return known === undefined || other.at > known.at ? other : known;
}

/** https://cloud.google.com/secret-manager/parameter-manager/docs/reference/rest/v1/projects.locations.parameters/list */
async function search(asked: GcpSearch, parts: ReaderParts, context: CallContext): Promise<Secret> {
  const project = await projectFor(undefined, parts);
  const parent = `projects/${project}/locations/${parts.settings.location}`;
  const fix = listFix({ project, role: "roles/parametermanager.parameterViewer", member: parts.login.member });
  const place = { project, resource: parent, fix };
  return await searchPages(asked, "parameters", (pageToken) =>
    parts.limit(() => {
      const path = `${parent}/parameters?${pageQuery(asked, pageToken)}`;
      return ask({ path, what: `${nameOfSearch(asked)} in ${project}` }, place, parts, context);
    }),
  );
}

/** One request: its path, and its name for people. */
interface Wanted {
  readonly path: string;
  readonly what: string;
}

function ask(wanted: Wanted, { project, fix }: Place, parts: ReaderParts, context: CallContext): Promise<JsonObject> {
  const read = { service: "parametermanager", named: "Parameter Manager", ...wanted, project, fix } as const;
  return readApi(read, parts, context);
}
