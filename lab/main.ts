/**
 * `deno task attack`: plays the known attacks, first against a textbook version of the protocol, where each succeeds,
 * and then against `parley-1`, where each is refused.
 *
 * @module
 */
import { shown } from "../lib/cli/options.ts";
import { EXIT, type ExitCode } from "../lib/errors.ts";
import type { Attack } from "./attack.ts";
import { safeText } from "../lib/safe_text.ts";
import { ATTACKS, findAttack } from "./catalog.ts";
import { page } from "./page.ts";
import { isAsExpected, type Outcome, play, playParley, playTextbook } from "./play.ts";
import { codeOf, lines, table, WIDE } from "./report.ts";

const HELP = `Plays the known attacks: against a textbook version of the protocol, where each
succeeds, and against parley-1, where each is refused.

Usage: deno task attack [NAME]

  NAME      play this one alone, step by step, with its numbers
  --list    list the names
  --docs    print docs/ATTACKS.md
  --help    show this and leave

Exit codes: 0 every attack succeeded against the textbook and was refused by parley-1,
1 one was not, 2 wrong usage.

Examples:
  deno task attack
  deno task attack forgery-without-key`;

/** Columns of the terminal; a file gets the whole table. */
function columns(): number {
  return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : WIDE;
}

function list(): string[] {
  const width = Math.max(...ATTACKS.map(({ name }) => name.length));
  return ATTACKS.map(({ name, idea }) => `${name.padEnd(width)}  ${idea}`);
}

/** Prints a line. What a play shows may be what an attack made of a text. */
function tell(line: string): void {
  console.log(safeText(line));
}

/** Plays all, and prints what comes of each as it comes. */
async function playAll(): Promise<ExitCode> {
  const { Lab } = await import("./harness/lab.ts");
  await using lab = await Lab.open();
  const outcomes: Outcome[] = [];
  let family = "";
  for (const attack of ATTACKS) {
    const outcome = await play(lab, attack);
    outcomes.push(outcome);
    if (attack.family !== family) console.log(`\n${family = attack.family}`);
    for (const line of lines(outcomes.length, outcome)) tell(line);
  }
  console.log();
  for (const line of table(outcomes, columns())) console.log(line);
  return outcomes.every(isAsExpected) ? EXIT.ok : EXIT.failed;
}

/** Plays one, and prints every step. */
async function playOne(attack: Attack): Promise<ExitCode> {
  const { Lab } = await import("./harness/lab.ts");
  await using lab = await Lab.open(tell);
  console.log(`${attack.name}: ${attack.idea}\n  ${attack.formula}\n\nAgainst the textbook:`);
  const textbook = await playTextbook(lab, attack);
  tell(`  => ${textbook.word}: ${textbook.line}`);
  console.log("\nAgainst parley-1:");
  const parley = await playParley(lab, attack);
  tell(`  => ${parley.word}: ${parley.line}`);
  tell(`     ${attack.defence} (${codeOf(attack)})`);
  return textbook.isAsExpected && parley.isAsExpected ? EXIT.ok : EXIT.failed;
}

async function main(args: readonly string[]): Promise<ExitCode> {
  const [first, ...more] = args;
  if (first === undefined) return await playAll();
  const texts: Readonly<Record<string, () => string>> = {
    "--help": () => HELP,
    "--list": () => list().join("\n"),
    "--docs": () => page().trimEnd(),
  };
  if (more.length === 0 && Object.hasOwn(texts, first)) {
    console.log(texts[first]!());
    return EXIT.ok;
  }
  const attack = findAttack(first);
  if (more.length === 0 && attack !== undefined) return await playOne(attack);
  const wrong = more.length === 0 ? shown(first) : "more than one argument";
  console.error(`parley: ${wrong} is no attack: deno task attack --list lists them`);
  return EXIT.usage;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
