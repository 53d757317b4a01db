import { type Command, Option } from "commander";
import { type DialectName, dialectNames } from "../dialects/index.ts";
import { print } from "./terminal.ts";

/** `latchkey schema`. */
export function addSchemaCommand(program: Command): void {
  program
    .command("schema")
    .description("print the JSON Schema of SecretProviderClasses, for editors")
    .addOption(
      new Option("--dialect <name>", "for one provider only; otherwise chosen by spec.provider").choices(dialectNames),
    )
    .action(async ({ dialect }: { readonly dialect?: DialectName }) => {
      const { classSchema } = await import("../lint/schema/class-schema.ts");
      const { schemaStores } = await import("./schema-stores.ts");
      await print(`${JSON.stringify(await classSchema(schemaStores(), dialect), null, 2)}\n`);
    });
}
