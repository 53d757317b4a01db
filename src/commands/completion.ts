import type { Command } from "commander";

/** What can stand behind a command: the words of a subcommand path, and what may follow it. */
interface Place {
  /** `cache ls`; empty for the program itself. */
  readonly path: string;
  readonly words: readonly Word[];
}

interface Word {
  readonly text: string;
  readonly about: string;
}

/** A script that completes commands, options and files. */
export function completionScript(program: Command, shell: "bash" | "zsh" | "fish"): string {
  const places = placesOf(program, []);
  if (shell === "bash") return bash(places);
  return shell === "zsh" ? zsh(places) : fish(places);
}

function placesOf(command: Command, path: readonly string[]): readonly Place[] {
  const commands = command.commands.map((each) => ({ text: each.name(), about: each.description() }));
  const own = command.options.map((option) => ({ text: option.long ?? "", about: firstClause(option.description) }));
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  const words = [
    ...commands,
    ...choices.map((text) => ({ text, about: "" })),
    ...own,
    { text: "--help", about: "show help" },
  ];
  const below = command.commands.flatMap((each) => placesOf(each, [...path, each.name()]));
  return [{ path: path.join(" "), words: words.filter(({ text }) => text !== "") }, ...below];
}

/** Descriptions end with variables and defaults, which are for `--help`. */
function firstClause(text: string): string {
  return (text.split(/[;(]/)[0] ?? "").trim();
}

/** The words that are no options tell the command; a path of two words is tried before one of one. */
function bash(places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => `    "${path}") words="${words.map(({ text }) => text).join(" ")}" ;;`);
  return `# bash completion of latchkey: source <(latchkey completion bash)
_latchkey_words() {
  case "$1" in
${cases.join("\n")}
    *) return 1 ;;
  esac
}
_latchkey() {
  local words="" current="\${COMP_WORDS[COMP_CWORD]}" path="" at
  for ((at = 1; at < COMP_CWORD; at++)); do
    if _latchkey_words "\${path:+$path }\${COMP_WORDS[at]}"; then path="\${path:+$path }\${COMP_WORDS[at]}"; fi
  done
  _latchkey_words "$path"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ $current != -* ]]; then COMPREPLY+=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _latchkey latchkey
`;
}

function zsh(places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => {
    const entries = words.map(({ text, about }) => quotedForShell(`${text.replaceAll(":", "\\:")}:${about}`));
    return `    "${path}") entries=(${entries.join(" ")}) ;;`;
  });
  return `#compdef latchkey
# zsh completion of latchkey: latchkey completion zsh > "\${fpath[1]}/_latchkey"
_latchkey_entries() {
  case "$1" in
${cases.join("\n")}
    *) return 1 ;;
  esac
}
_latchkey() {
  local -a entries
  local path_="" at
  for ((at = 2; at < CURRENT; at++)); do
    if _latchkey_entries "\${path_:+$path_ }\${words[at]}"; then path_="\${path_:+$path_ }\${words[at]}"; fi
  done
  _latchkey_entries "$path_"
  _describe latchkey entries
  _files
}
if [ "$funcstack[1]" = "_latchkey" ]; then _latchkey "$@"; else compdef _latchkey latchkey; fi
`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words }) => {
    const condition =
      path === ""
        ? "__fish_use_subcommand"
        : path
            .split(" ")
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join("; and ");
    return words.map(({ text, about }) => {
      const what = text.startsWith("--") ? `-l ${text.slice(2)}` : `-a ${text}`;
      return `complete -c latchkey -n ${quotedForShell(condition)} ${what} -d ${quotedForShell(about)}`;
    });
  });
  return `# fish completion of latchkey: latchkey completion fish > ~/.config/fish/completions/latchkey.fish\n${lines.join("\n")}\n`;
}

/** A word in single quotes, as all three shells read it. */
function quotedForShell(text: string): string {
  return `'${text.replaceAll("'", "")}'`;
}
