import { toProviderError } from "../../errors.ts";
import { isJsonObject, parseJsonOrNothing } from "../../formats/json.ts";
import { ownBytes } from "../../formats/own-bytes.ts";
import type { Plan, TemplateOutput } from "../../plan/plan.ts";
import type { Secret } from "../../stores/store.ts";
import type { Rendered, RenderedFile } from "../render.ts";
import type { RenderWork } from "../render-work.ts";
import { type VersionKeys, versionOf } from "../version.ts";
import type { TemplateJob } from "./job.ts";
import type { TemplateSandbox } from "./sandbox.ts";

/** Everything that rendering needs besides the templates. */
export interface TemplateSurroundings {
  readonly sandbox: TemplateSandbox;
  readonly keys: VersionKeys;
  readonly work: RenderWork;
  readonly namespace: string;
  readonly signal: AbortSignal;
  /** Returns the store's name for a secret, by `Wanted.id`, for errors. */
  readonly nameOf?: ((id: string) => string | undefined) | undefined;
}

/** Makes the files of a plan's templates; a name whose secret could not be had is not there for them. */
export async function renderTemplates(
  { templates = [] }: Plan,
  secrets: ReadonlyMap<string, Secret>,
  surroundings: TemplateSurroundings,
): Promise<Rendered> {
  const named = templates.flatMap(({ names }) => [...names.values()]);
  const inputs = inputsOf(named, secrets, surroundings.work);
  const outcomes = await Promise.all(
    templates.map((template) =>
      renderTemplate(template, inputs, surroundings).catch((thrown: unknown) =>
        toProviderError(thrown).about(template.subject),
      ),
    ),
  );
  return {
    files: outcomes.filter((outcome): outcome is RenderedFile => !(outcome instanceof Error)),
    failures: outcomes.filter((outcome) => outcome instanceof Error),
  };
}

/** The text of one template, for what is no file. */
export async function renderTemplateText(
  template: Pick<TemplateOutput, "text" | "names">,
  secrets: ReadonlyMap<string, Secret>,
  surroundings: Omit<TemplateSurroundings, "keys">,
): Promise<Uint8Array> {
  return await contentsOf(template, inputsOf(template.names.values(), secrets, surroundings.work), surroundings);
}

async function renderTemplate(
  template: TemplateOutput,
  inputs: ReadonlyMap<string, TemplateInput>,
  surroundings: TemplateSurroundings,
): Promise<RenderedFile> {
  const { path, mode } = template;
  const contents = await contentsOf(template, inputs, surroundings);
  surroundings.work.made({ path, contents });
  return { path, mode, contents, version: versionOf(template, undefined, contents, surroundings.keys) };
}

async function contentsOf(
  { text, names }: Pick<TemplateOutput, "text" | "names">,
  inputs: ReadonlyMap<string, TemplateInput>,
  { sandbox, namespace, signal, nameOf }: Omit<TemplateSurroundings, "keys">,
): Promise<Uint8Array> {
  const values = [...names].flatMap(([name, id]) => {
    const input = inputs.get(id);
    return input === undefined ? [] : [{ name, ...input }];
  });
  const placeOf = (name: string) => {
    const id = names.get(name);
    return id === undefined || !inputs.has(id) ? undefined : nameOf?.(id);
  };
  return ownBytes(await sandbox.render({ text, values }, { namespace, placeOf, signal }));
}

/** Returns the input of templates, by `Wanted.id`; reads each secret once. */
function inputsOf(
  ids: Iterable<string>,
  secrets: ReadonlyMap<string, Secret>,
  work: RenderWork,
): ReadonlyMap<string, TemplateInput> {
  const inputs = new Map<string, TemplateInput>();
  for (const id of new Set(ids)) {
    const secret = secrets.get(id);
    if (secret !== undefined) inputs.set(id, templateInput(secret, work));
  }
  return inputs;
}

/** One secret as a template gets it. */
type TemplateInput = Omit<TemplateJob["values"][number], "name">;

/** A JSON object is known by its keys, anything else is text. */
function templateInput(secret: Secret, work: RenderWork): TemplateInput {
  const content = Buffer.from(work.bytesOf(secret, "value")).toString();
  const isJson = content.trimStart().startsWith("{") && isJsonObject(parseJsonOrNothing(content));
  return { content, isJson };
}
