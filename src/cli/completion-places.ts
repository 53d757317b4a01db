import type { Command, Option } from "commander";

/** The words that can follow a command: its subcommands, choices and options, and the values of those options. */
export interface Place {
  /** `cache ls`; empty for the program itself. */
  readonly path: string;
  readonly words: readonly Word[];
  readonly options: readonly ValueOption[];
  /** Whether it is about files. */
  readonly files: boolean;
}

interface Word {
  readonly text: string;
  readonly about: string;
}

/** An option that a value follows. */
export interface ValueOption {
  /** `--format`. */
  readonly name: string;
  readonly about: string;
  /** `text`: nobody can guess it. */
  readonly kind: "choice" | "files" | "directories" | "text";
  /** The choices. */
  readonly values: readonly string[];
  /** It can stand without a value too. */
  readonly isOptional: boolean;
}

/** The places of a command and of all that are below it. */
export function placesOf(command: Command, path: readonly string[] = []): readonly Place[] {
  const commands = command.commands.map((each) => ({ text: each.name(), about: each.description() }));
  const own = command.options.map((option) => ({ text: option.long ?? "", about: firstClause(option.description) }));
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  const words = [
    ...commands,
    ...choices.map((text) => ({ text, about: "" })),
    ...own,
    { text: "--help", about: "show help" },
  ];
  const place: Place = {
    path: path.join(" "),
    words: words.filter(({ text }) => text !== ""),
    options: command.options.filter(({ required, optional }) => required || optional).map(valueOption),
    files: command.registeredArguments.some(({ argChoices, description }) => !argChoices && /file/i.test(description)),
  };
  return [place, ...command.commands.flatMap((each) => placesOf(each, [...path, each.name()]))];
}

/** Descriptions end with variables and defaults, which are for `--help`. */
function firstClause(text: string): string {
  return (text.split(/[;(]/)[0] ?? "").trim();
}

function valueOption({ long, flags, description, argChoices, optional }: Option): ValueOption {
  const name = long ?? "";
  const shown = /[<[]([^>\]]*)[>\]]/.exec(flags)?.[1] ?? "";
  const values = argChoices ?? wordsOf(shown);
  return { name, about: firstClause(description), kind: kindOf(name, shown, values), values, isOptional: optional };
}

/** `driver|provider`, `true|false`, `vault|aws,...`. */
function wordsOf(shown: string): readonly string[] {
  return /^[a-z-]+(?:\|[a-z-]+)+(?:,\.\.\.)?$/.test(shown) ? shown.replace(",...", "").split("|") : [];
}

function kindOf(name: string, shown: string, values: readonly string[]): ValueOption["kind"] {
  if (values.length > 0) return "choice";
  if (shown === "directory" || (shown === "path" && /-dir(?:ectory)?$/.test(name))) return "directories";
  return /path|file/.test(shown) ? "files" : "text";
}
