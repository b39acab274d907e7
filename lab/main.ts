/**
 * `deno task attack`: plays the known attacks, first against a textbook version of the protocol, where each succeeds,
 * and then against `parley-1`, where each is refused.
 *
 * @module
 */
import { type Command, shown, textOf } from "../lib/cli/options.ts";
import { runCommand } from "../lib/cli/run.ts";
import { EXIT, type ExitCode, UsageError } from "../lib/errors.ts";
import { safeText } from "../lib/safe_text.ts";
import type { Attack } from "./attack.ts";
import { ATTACKS, CHAPTERS } from "./catalog.ts";
import { page } from "./page.ts";
import {
  codeOf,
  isAsExpected,
  lines,
  type Outcome,
  play,
  playParley,
  playTextbook,
  table,
  WIDE,
} from "./play.ts";

const COMMAND: Command = {
  name: "deno task attack",
  summary: "Plays the known attacks, against a textbook version and against parley-1.",
  operands: {
    usage: "[NAME]",
    forms: [["NAME", "play this one alone, step by step, with its numbers"]],
  },
  options: [
    { name: "list", help: "list the names" },
    { name: "docs", help: "print docs/ATTACKS.md" },
  ],
  exits: [
    [EXIT.ok, "every attack succeeded against the textbook and was refused by parley-1"],
    [EXIT.failed, "one was not"],
    [EXIT.usage, "wrong usage"],
  ],
  examples: ["", "{} forgery-without-key"],
};

/** Columns of the terminal; a file gets the whole table. */
function columns(): number {
  return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : WIDE;
}

function list(): string[] {
  const width = Math.max(...ATTACKS.map(({ name }) => name.length));
  return ATTACKS.map(({ name, idea }) => `${name.padEnd(width)}  ${idea}`);
}

/** Prints a line. What a play shows may be what an attack made of a text. */
function print(line: string): void {
  console.log(safeText(line));
}

/** Plays all, and prints what comes of each as it comes. */
async function playAll(): Promise<ExitCode> {
  const { Lab } = await import("./harness/lab.ts");
  await using lab = await Lab.open();
  const outcomes: Outcome[] = [];
  for (const [title, attacks] of CHAPTERS) {
    console.log(`\n${title}`);
    for (const attack of attacks) {
      const outcome = await play(lab, attack);
      outcomes.push(outcome);
      for (const line of lines(outcomes.length, outcome)) print(line);
    }
  }
  console.log();
  for (const line of table(outcomes, columns())) console.log(line);
  return outcomes.every(isAsExpected) ? EXIT.ok : EXIT.failed;
}

/** Plays one, and prints every step. */
async function playOne(attack: Attack): Promise<ExitCode> {
  const { Lab } = await import("./harness/lab.ts");
  await using lab = await Lab.open(print);
  console.log(`${attack.name}: ${attack.idea}\n  ${attack.formula}\n\nAgainst the textbook:`);
  const textbook = await playTextbook(lab, attack);
  print(`  => ${textbook.word}: ${textbook.line}`);
  console.log("\nAgainst parley-1:");
  const parley = await playParley(lab, attack);
  print(`  => ${parley.word}: ${parley.line}`);
  print(`     ${attack.defence} (${codeOf(attack)})`);
  return textbook.isAsExpected && parley.isAsExpected ? EXIT.ok : EXIT.failed;
}

/** The entry point. */
export function main(args: readonly string[]): Promise<ExitCode> {
  return runCommand(COMMAND, args, (said) => {
    if (said.list || said.docs) {
      console.log(said.list ? list().join("\n") : page().trimEnd());
      return EXIT.ok;
    }
    const name = textOf(said, "NAME");
    if (name === undefined) return playAll();
    const attack = ATTACKS.find((attack) => attack.name === name);
    if (attack !== undefined) return playOne(attack);
    throw new UsageError(`${shown(name)} is no attack: deno task attack --list lists them`);
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
