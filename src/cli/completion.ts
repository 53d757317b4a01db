import type { Command } from "commander";
import { type Place, placesOf, type ValueOption } from "./completion-places.ts";

/** A script that completes commands, options, what options take, and files. */
export function completionScript(program: Command, shell: "bash" | "zsh" | "fish"): string {
  const places = placesOf(program);
  if (shell === "bash") return bash(places);
  return shell === "zsh" ? zsh(places) : fish(places);
}

/**
 * The words that are no options tell the command; a path of two words is tried before one of one. Bash takes `--format=json`
 * for three words.
 */
function bash(places: readonly Place[]): string {
  const words = places.map(({ path, words: all, files }) => {
    return `    "${path}") words="${all.map(({ text }) => text).join(" ")}"${files ? " files=yes" : ""} ;;`;
  });
  const options = eachOption(places, ({ name, kind, values }, path) => {
    return `    "${optionKey(path, name)}") kind=${kind}${kind === "choice" ? ` words="${values.join(" ")}"` : ""} ;;`;
  });
  return `# bash completion of latchkey: source <(latchkey completion bash)
_latchkey_words() {
  files=
  case "$1" in
${words.join("\n")}
    *) return 1 ;;
  esac
}
_latchkey_option() {
  case "$1" in
${options.join("\n")}
    *) return 1 ;;
  esac
}
_latchkey() {
  local words="" files="" kind="" current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path="" at
  for ((at = 1; at < COMP_CWORD; at++)); do
    if _latchkey_words "\${path:+$path }\${COMP_WORDS[at]}"; then path="\${path:+$path }\${COMP_WORDS[at]}"; fi
  done
  if [[ $before == = ]]; then before="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  if [[ $current == = ]]; then current=""; fi
  COMPREPLY=()
  if [[ $before == --* && $current != -* ]] && _latchkey_option "$path $before"; then
    case "$kind" in
      choice) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
      files) COMPREPLY=($(compgen -f -- "$current")) ;;
      directories) COMPREPLY=($(compgen -d -- "$current")) ;;
    esac
    return
  fi
  _latchkey_words "$path"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ $files && $current != -* ]]; then COMPREPLY+=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _latchkey latchkey
`;
}

function zsh(places: readonly Place[]): string {
  const cases = places.map(({ path, words, files }) => {
    const entries = words.map(({ text, about }) => quotedForShell(`${text.replaceAll(":", "\\:")}:${about}`));
    return `    "${path}") entries=(${entries.join(" ")})${files ? " files=yes" : ""} ;;`;
  });
  const options = eachOption(places, ({ name, kind, values }, path) => {
    const value = kind === "choice" ? `values=(${values.map(quotedForShell).join(" ")})` : `kind=${kind}`;
    return `    "${optionKey(path, name)}") ${value} ;;`;
  });
  return `#compdef latchkey
# zsh completion of latchkey: latchkey completion zsh > "\${fpath[1]}/_latchkey"
_latchkey_entries() {
  files=""
  case "$1" in
${cases.join("\n")}
    *) return 1 ;;
  esac
}
_latchkey_option() {
  case "$1" in
${options.join("\n")}
    *) return 1 ;;
  esac
}
_latchkey() {
  local -a entries values
  local path_="" files="" kind="choice" before="\${words[CURRENT-1]}" at
  for ((at = 2; at < CURRENT; at++)); do
    if _latchkey_entries "\${path_:+$path_ }\${words[at]}"; then path_="\${path_:+$path_ }\${words[at]}"; fi
  done
  if [[ \${words[CURRENT]} == --*=* ]]; then before="\${words[CURRENT]%%=*}"; compset -P '*='; fi
  if [[ $before == --* && $PREFIX != -* ]] && _latchkey_option "$path_ $before"; then
    case "$kind" in
      choice) compadd -a values ;;
      files) _files ;;
      directories) _files -/ ;;
    esac
    return
  fi
  _latchkey_entries "$path_"
  _describe latchkey entries
  if [[ -n $files ]]; then _files; fi
}
if [ "$funcstack[1]" = "_latchkey" ]; then _latchkey "$@"; else compdef _latchkey latchkey; fi
`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words, options, files }) => {
    const line = (rest: string) => `complete -c latchkey -n ${quotedForShell(conditionOf(path))} ${rest}`;
    const own = words.map(({ text, about }) => {
      const option = options.find(({ name }) => name === text);
      const what = text.startsWith("--") ? `-l ${text.slice(2)}${fishValue(option)}` : `-a ${text}`;
      return line(`${what} -d ${quotedForShell(about)}`);
    });
    return files ? own : [line("-f"), ...own];
  });
  return `# fish completion of latchkey: latchkey completion fish > ~/.config/fish/completions/latchkey.fish\n${lines.join("\n")}\n`;
}

function conditionOf(path: string): string {
  if (path === "") return "__fish_use_subcommand";
  const words = path.split(" ");
  return words.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
}

/** `-x`: something follows, and it is not a file. */
function fishValue(option: ValueOption | undefined): string {
  if (option === undefined || option.isOptional) return "";
  if (option.kind === "files") return " -r -F";
  if (option.kind === "text") return " -x";
  return option.kind === "directories"
    ? " -x -a '(__fish_complete_directories)'"
    : ` -x -a '${option.values.join(" ")}'`;
}

function eachOption(places: readonly Place[], write: (option: ValueOption, path: string) => string): readonly string[] {
  return places.flatMap(({ path, options }) => options.map((option) => write(option, path)));
}

function optionKey(path: string, name: string): string {
  return `${path} ${name}`;
}

/** A word in single quotes, as all three shells read it. */
function quotedForShell(text: string): string {
  return `'${text.replaceAll("'", "")}'`;
}
