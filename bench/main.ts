/**
 * `deno task bench`: every row and every curve, with the peers in the same run.
 *
 * @module
 */
import { type Command, textOf } from "../lib/cli/options.ts";
import { processFile } from "./programs.ts";
import { runCommand } from "../lib/cli/run.ts";
import { EXIT, type ExitCode, UsageError } from "../lib/errors.ts";
import { GROWTH, type Growth } from "./growth.ts";
import { drawGrowth } from "./plot.ts";
import { type History, type Run, tableLines, withPart } from "./report.ts";
import { ROWS } from "./rows.ts";

const DOCS = new URL("../docs/", import.meta.url);

const NAMES = [...ROWS, ...GROWTH].map(({ name }) => name);

const COMMAND: Command = {
  name: "deno task bench",
  summary: "Measures parley beside its peers, and shows the ratios.",
  options: [
    { name: "row", value: "NAME", help: "measure one row or curve only" },
    { name: "quick", help: "little of each: shows that it works, not how fast it is" },
    { name: "json", value: "FILE", help: "write what was found", isFile: true },
    { name: "compare", value: "FILE", help: "show the change since such a file", isFile: true },
    { name: "write", help: "put what was found into docs/PERFORMANCE.md and its pictures" },
  ],
  note: `Rows and curves: ${NAMES.join(", ")}.`,
  exits: [[EXIT.ok, "measured"], [EXIT.failed, "a row failed"], [EXIT.usage, "wrong usage"]],
  examples: ["", "--quick", "--row lines --compare last.json", "--json last.json --write"],
};

/** What a command prints. */
async function printed(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(command, { args, stderr: "null" }).output();
  return new TextDecoder().decode(stdout).trim();
}

/** Where this runs, in words. */
function machine(): string {
  const cpu = processFile("cpuinfo") ?? "";
  const model = cpu.match(/^model name\s*:\s*(.*)$/m)?.[1] ?? Deno.build.arch;
  const load = processFile("loadavg")?.split(" ")[0] ?? "unknown";
  return `${navigator.hardwareConcurrency} cores of ${model}, ${Deno.build.os}, ` +
    `Deno ${Deno.version.deno}, load ${load} at the start`;
}

async function measure(names: readonly string[], quick: boolean): Promise<Run> {
  const rows: Record<string, Run["rows"][string]> = {};
  const growth: Growth[] = [];
  const about = { machine: machine(), date: new Date().toISOString().slice(0, 10) };
  const tried = async (name: string, run: () => Promise<void>) => {
    if (!names.includes(name)) return;
    console.error(`${name} ...`);
    try {
      await run();
    } catch (error) {
      rows[name] = { failed: error instanceof Error ? error.message : String(error) };
    }
  };
  for (const { name, measure } of ROWS) {
    await tried(name, async () => void (rows[name] = await measure(quick)));
  }
  for (const { measure, ...curve } of GROWTH) {
    await tried(
      curve.name,
      async () => void growth.push({ ...curve, points: await measure(quick) }),
    );
  }
  const commit = await printed("git", "rev-parse", "--short", "HEAD");
  return { ...about, commit, rows, growth };
}

/** Puts a run into the documents; rows that it has not measured stay as they are. */
async function write(run: Run): Promise<void> {
  const file = new URL("performance.json", DOCS);
  const history: History = JSON.parse(await Deno.readTextFile(file));
  const fresh = run.growth.map(({ name }) => name);
  const now: Run = {
    ...run,
    rows: { ...history.now?.rows, ...run.rows },
    growth: [
      ...history.now?.growth.filter(({ name }) => !fresh.includes(name)) ?? [],
      ...run.growth,
    ],
  };
  await Deno.writeTextFile(file, `${JSON.stringify({ ...history, now }, null, 2)}\n`);
  const page = new URL("PERFORMANCE.md", DOCS);
  await Deno.writeTextFile(page, withPart(await Deno.readTextFile(page), { ...history, now }));
  await Deno.writeTextFile(new URL("performance.svg", DOCS), drawGrowth(now.growth));
  await printed(Deno.execPath(), "fmt", "--quiet", file.pathname, page.pathname);
}

/** The entry point. */
export function main(args: readonly string[]): Promise<ExitCode> {
  return runCommand(COMMAND, args, async (said) => {
    const row = textOf(said, "row");
    if (row !== undefined && !NAMES.includes(row)) {
      throw new UsageError(`--row: expected one of ${NAMES.join(", ")}`);
    }
    const quick = said.quick === true;
    if (quick && said.write === true) throw new UsageError("--quick measures nothing to --write");
    const [compare, json] = [textOf(said, "compare"), textOf(said, "json")];
    const last: Run | null = compare === undefined
      ? null
      : JSON.parse(await Deno.readTextFile(compare));
    const run = await measure(row === undefined ? NAMES : [row], quick);
    for (const line of tableLines(run, last)) console.log(line);
    if (json !== undefined) await Deno.writeTextFile(json, JSON.stringify(run, null, 2));
    if (said.write === true) await write(run);
    return Object.values(run.rows).some((found) => "failed" in found) ? EXIT.failed : EXIT.ok;
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
