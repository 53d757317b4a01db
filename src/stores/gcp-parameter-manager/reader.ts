import { ProviderError } from "../../errors.ts";
import { type JsonObject, type JsonValue, memberOf } from "../../formats/json.ts";
import { Redacted } from "../../redacted.ts";
import { FoundNames } from "../found-names.ts";
import { listFix } from "../gcp/fixes.ts";
import { lastPart, resourcePath } from "../gcp/names.ts";
import { bytesOf, damaged, nameIn } from "../gcp/payload.ts";
import { type GcpReader, projectFor, type ReaderParts, readApi } from "../gcp/reader.ts";
import { itemsOf, nameOfSearch, noList, pageQuery, searchPages } from "../gcp/search.ts";
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
  const rendered = bytesOf(answer.get("renderedPayload"), what);
  // An empty field is left out, so only the payload tells an empty parameter from half an answer.
  const isWhole = rendered.length > 0 || bytesOf(memberOf(answer.get("payload"), "data"), what).length === 0;
  if (!isWhole) throw damaged(what, "it is not rendered");
  // Not immutable: what a parameter refers to may change.
  return { value: new Redacted<Uint8Array>(rendered), version: name };
}

/** https://cloud.google.com/secret-manager/parameter-manager/docs/reference/rest/v1/projects.locations.parameters.versions/list */
async function newestOf(ref: GcpParameterRef, place: Place, parts: ReaderParts, context: CallContext): Promise<string> {
  const what = `the versions of ${place.resource}`;
  let newest: Version | undefined;
  const list = (pageToken: string | undefined) => {
    const query = new URLSearchParams({ pageSize: "1000", ...(pageToken === undefined ? {} : { pageToken }) });
    const path = `${place.resource}/versions?${query}`;
    return parts.limit(() => ask({ path, what }, place, parts, context));
  };
  const found = new FoundNames(what, { calls: 100, fix: "name the version" });
  for await (const each of itemsOf(found, "parameterVersions", list)) {
    const version = versionIn(each);
    if (memberOf(each, "disabled") !== true && (newest === undefined || version.at > newest.at)) newest = version;
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

/** Throws `LK0036` for what is none: a version that is passed over could be the newest. */
function versionIn(item: JsonValue): Version {
  const [name, created] = [memberOf(item, "name"), memberOf(item, "createTime")];
  const at = typeof created === "string" ? Date.parse(created) : Number.NaN;
  if (typeof name !== "string" || Number.isNaN(at)) throw noList();
  return { name: lastPart(name), at };
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
