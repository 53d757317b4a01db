import type { Dialect } from "../../../src/dialects/dialect.ts";
import { goFields, goList, goText } from "../../../src/formats/go-yaml.ts";
import type { Output } from "../../../src/plan/plan.ts";
import { Problems } from "../../../src/plan/problems.ts";
import { WantedList } from "../../../src/plan/wanted-list.ts";

/** The operator's settings that SecretProviderClasses fall back to. */
export interface OperatorShelves {
  readonly room?: string | undefined;
}

/** `provider: shelves`: a file for each item. */
export const shelvesDialect: Dialect<OperatorShelves> = {
  name: "shelves",
  async plan({ parameters, own, mode, texts }) {
    const problems = new Problems();
    const room = parameters.get("room") ?? own.room ?? "";
    if (room === "") problems.add("LK0003", "room", "no room is known", "set room");
    const wanted = new WantedList();
    const items = problems.attempt("items", () => goList(texts.yaml(parameters.get("items") ?? ""))) ?? [];
    const outputs = items.map((item, at): Output => {
      const fields = goFields(item, "v3");
      const name = goText(fields.get("item")?.value);
      const [subject, path] = [`items[${at}]`, goText(fields.get("file")?.value) || name];
      const from = wanted.add(subject, { store: "shelf", settings: { room }, ref: { name } });
      return {
        path,
        mode,
        from,
        subject,
        select: { of: "value", steps: [] },
        version: { by: "store", id: `shelf/${name}` },
      };
    });
    return { ...problems.settle({ secrets: wanted.secrets, outputs }), warnings: [] };
  },
};
