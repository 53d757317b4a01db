import { untilAborted } from "../async/until-aborted.ts";
import type { Elsewhere } from "../dialects/class-texts.ts";
import { combineErrors, type ProviderError } from "../errors.ts";
import type { Fetched } from "../fetch/fetch.ts";
import { answeredBy } from "../fetch/source-names.ts";
import type { Plan, TemplateOutput } from "../plan/plan.ts";
import { quoted } from "../plan/problems.ts";
import { pathErrors } from "../plan/volume-paths.ts";
import { loadConverters } from "./converters.ts";
import type { RenderedFile } from "./render.ts";
import { RenderWork } from "./render-work.ts";
import type { TemplateSandbox } from "./templates/sandbox.ts";
import { loadKeysOf, type VersionKeys } from "./version.ts";

/** Makes the files of volumes; what templates need is loaded with the first of them. */
export class Renderer {
  readonly #keys: VersionKeys;
  readonly #mostBytes: number;
  #templates: Promise<TemplateSandbox> | undefined;

  /** `mostBytes` bounds the files of one volume. */
  constructor(keys: VersionKeys, mostBytes: number) {
    this.#keys = keys;
    this.#mostBytes = mostBytes;
  }

  /**
   * All files of the plan. All or nothing: one failure, of what was fetched or of a file, fails the mount, and its error
   * lists every failure. Throws also `LK0005` for files too large.
   */
  async render(plan: Plan, fetched: Fetched, namespace: string, signal: AbortSignal): Promise<readonly RenderedFile[]> {
    const { secrets, failures: missing } = fetched;
    const keys = this.#keys;
    const loading = loadKeysOf(plan, keys);
    if (loading !== undefined) await untilAborted(loading, signal);
    const loadingConverters = loadConverters(plan, secrets);
    const converters = loadingConverters && (await untilAborted(loadingConverters, signal));
    const { renderFiles } = await import("./render.ts");
    const work = new RenderWork(this.#mostBytes);
    const nameOf = (id: string) => answeredBy(plan, fetched, id);
    const { files, failures } = await renderFiles(plan, secrets, { keys, work, converters, nameOf });
    failAll([...missing, ...failures]);
    if (plan.templates === undefined) return files;
    const { renderTemplates } = await import("./templates/render-templates.ts");
    const sandbox = await this.#sandbox();
    const rendered = await renderTemplates(plan, secrets, { sandbox, keys, work, namespace, signal, nameOf });
    failAll([...rendered.failures, ...pathErrors([...files, ...rendered.files].map(placed))]);
    return [...files, ...rendered.files];
  }

  /** Bounds what is made beside the files of one volume, as those are bounded. */
  workBeside(): RenderWork {
    return new RenderWork(this.#mostBytes);
  }

  /** One template's text, with no file and no version of its own. Throws as `render` does. */
  async renderText(
    template: Pick<TemplateOutput, "text" | "names">,
    { plan, fetched }: { readonly plan: Plan; readonly fetched: Fetched },
    around: { readonly work: RenderWork; readonly namespace: string; readonly signal: AbortSignal },
  ): Promise<Uint8Array> {
    const { renderTemplateText } = await import("./templates/render-templates.ts");
    const nameOf = (id: string) => answeredBy(plan, fetched, id);
    return await renderTemplateText(template, fetched.secrets, { ...around, nameOf, sandbox: await this.#sandbox() });
  }

  /** Where long texts of a namespace's SecretProviderClasses are read: in the process of the templates. */
  async elsewhere(namespace: string): Promise<Elsewhere> {
    const { readElsewhere } = await import("./templates/read-elsewhere.ts");
    return readElsewhere(() => this.#sandbox(), namespace);
  }

  /** Ends the process of the templates. */
  async close(): Promise<void> {
    const sandbox = await this.#templates;
    sandbox?.close();
  }

  #sandbox(): Promise<TemplateSandbox> {
    this.#templates ??= import("./templates/sandbox.ts")
      .then(({ TemplateSandbox: Sandbox }) => new Sandbox())
      .catch((thrown: unknown) => {
        this.#templates = undefined;
        throw thrown;
      });
    return this.#templates;
  }
}

function placed({ path }: RenderedFile) {
  return { path, subject: `the file ${quoted(path)}` };
}

function failAll(failures: readonly ProviderError[]): void {
  const [first, ...rest] = failures;
  if (first !== undefined) throw combineErrors([first, ...rest]);
}
