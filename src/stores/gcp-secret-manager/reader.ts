import { Redacted } from "../../redacted.ts";
import { listFix } from "../gcp/fixes.ts";
import { numberForm, resourcePath } from "../gcp/names.ts";
import { checkedPayload, nameIn } from "../gcp/payload.ts";
import { type ApiRead, type GcpReader, projectFor, type ReaderParts, readApi } from "../gcp/reader.ts";
import { nameOfSearch, pageQuery, searchPages } from "../gcp/search.ts";
import type { GcpAsked, GcpSearch, GcpSecretRef } from "../gcp/types.ts";
import { joinSecrets } from "../join-secrets.ts";
import type { CallContext, Secret } from "../store.ts";
import { secretFix } from "./fixes.ts";
import { previousOf } from "./previous.ts";
import { readTogether } from "./together.ts";

/** Reads secrets of Secret Manager, several at a time. */
export function createSecretReader(parts: ReaderParts): GcpReader {
  return {
    read: async (asked: GcpAsked, context): Promise<Secret> => {
      if ("prefix" in asked) return await search(asked, parts, context);
      if ("refs" in asked) {
        return joinSecrets(await readTogether(asked.refs, (ref) => readSecret(ref, parts, context)));
      }
      if (asked.service !== "secretmanager") throw new TypeError("no secret");
      return await readSecret(asked, parts, context);
    },
  };
}

async function readSecret(ref: GcpSecretRef, parts: ReaderParts, context: CallContext): Promise<Secret> {
  const secret = await parts.limit(() => access(ref, parts, context));
  if (ref.previous !== true) return secret;
  return await parts.limit(() => access(previousOf(ref, secret), parts, context));
}

/** https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access */
async function access(ref: GcpSecretRef, parts: ReaderParts, context: CallContext): Promise<Secret> {
  const project = await projectFor(ref.project, parts);
  const { location } = parts.settings;
  const resource = resourcePath(project, location, "secrets", ref.secret);
  const what = `${resource}/versions/${ref.version}`;
  const read: ApiRead = {
    service: "secretmanager",
    named: "Secret Manager",
    path: `${resource}/versions/${encodeURIComponent(ref.version)}:access`,
    what,
    project,
    fix: secretFix({ project, location, secret: ref.secret, version: ref.version, member: parts.login.member }),
  };
  const answer = await readApi(read, parts, context);
  const bytes = checkedPayload(answer.get("payload"), what);
  return {
    value: new Redacted<Uint8Array>(bytes),
    version: nameIn(answer.get("name"), what),
    // A number never changes its value; `latest` and aliases move.
    ...(numberForm.test(ref.version) ? { immutable: true as const } : {}),
  };
}

/** https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/list */
async function search(asked: GcpSearch, parts: ReaderParts, context: CallContext): Promise<Secret> {
  const project = await projectFor(undefined, parts);
  const { location } = parts.settings;
  const parent = location === "global" ? `projects/${project}` : `projects/${project}/locations/${location}`;
  return await searchPages(asked, "secrets", (pageToken) =>
    parts.limit(() => {
      const path = `${parent}/secrets?${pageQuery(asked, pageToken)}`;
      const what = `${nameOfSearch(asked)} in ${project}`;
      const fix = listFix({ project, role: "roles/secretmanager.viewer", member: parts.login.member });
      return readApi({ service: "secretmanager", named: "Secret Manager", path, what, project, fix }, parts, context);
    }),
  );
}
