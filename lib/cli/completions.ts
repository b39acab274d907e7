/**
 * Completions for bash, zsh and fish, from the commands' descriptions.
 *
 * @module
 */
import { allOptions, type Option, type Program } from "./options.ts";

const ORIGIN = "# Made from lib/cli/command_tables.ts by: deno task completions";

/** The completions of some commands for bash. */
export function bashCompletions(commands: readonly Program[]): string {
  return [ORIGIN, ...commands.map(bashFunction)].join("\n\n");
}

function bashFunction(command: Program): string {
  const options = allOptions(command);
  const name = functionName(command);
  const cases = options.filter(({ value }) => value !== undefined).map(bashCase);
  const flags = options.map(({ name }) => `--${name}`).join(" ");
  return `${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  # bash takes "--option=value" apart at the equals sign.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
  case $prev in
${cases.join("\n")}
  esac
  mapfile -t COMPREPLY < <(compgen -W ${quoted(flags)} -- "$cur")
}
complete -F ${name} ${command.program}
`;
}

function bashCase({ name, choices, isFile, optional }: Option): string {
  const body = isFile
    ? 'mapfile -t COMPREPLY < <(compgen -f -- "$cur")'
    : choices
    ? `mapfile -t COMPREPLY < <(compgen -W ${quoted(choices.join(" "))} -- "$cur")`
    : ":";
  const leaves = optional ? "[[ $cur == -* ]] || return" : "return";
  return `    --${name})
      ${body}
      ${leaves}
      ;;`;
}

/** The completions of some commands for zsh. */
export function zshCompletions(commands: readonly Program[]): string {
  const programs = commands.map(({ program }) => program);
  const cases = commands.map((command) => `  ${command.program}) ${functionName(command)} "$@" ;;`);
  return [
    `#compdef ${programs.join(" ")}\n${ORIGIN}`,
    ...commands.map(zshFunction),
    `case $service in\n${cases.join("\n")}\nesac\n`,
  ].join("\n\n");
}

function zshFunction(command: Program): string {
  const specs = allOptions(command).map((option) => `    ${quoted(zshSpec(option))}`);
  return `${functionName(command)}() {\n  _arguments \\\n${specs.join(" \\\n")}\n}`;
}

function zshSpec({ name, value, optional, help, choices, isFile }: Option): string {
  const text = help.replaceAll(/[[\]\\:]/g, "\\$&");
  if (value === undefined) return `--${name}[${text}]`;
  const action = isFile ? "_files" : choices ? `(${choices.join(" ")})` : " ";
  return `--${name}=[${text}]${optional ? "::" : ":"}${value}:${action}`;
}

/** The completions of some commands for fish. */
export function fishCompletions(commands: readonly Program[]): string {
  return `${[ORIGIN, ...commands.map(fishLines)].join("\n\n")}\n`;
}

function fishLines(command: Program): string {
  const head = `complete -c ${command.program}`;
  const lines = allOptions(command).map((option) => {
    const takes = fishValue(option);
    return `${head} -l ${option.name}${takes} -d ${fishQuoted(option.help)}`;
  });
  return [`${head} -f`, ...lines].join("\n");
}

function fishValue({ value, optional, choices, isFile }: Option): string {
  if (value === undefined) return "";
  if (isFile) return " -r -F";
  const words = choices ? ` -a ${fishQuoted(choices.join(" "))}` : "";
  return optional ? words : ` -x${words}`;
}

function functionName({ program }: Program): string {
  return `_${program.replaceAll("-", "_")}`;
}

/** A text as one word for bash and zsh. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A text as one word for fish. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
