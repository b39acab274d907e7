/** Every task that is a program of this project takes its arguments in the same way, and `--help` starts nothing. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { granted } from "../helpers/permissions.ts";

/** Tried as processes elsewhere, or without arguments: `prepare` runs before there is a parser. */
const OTHERS = ["client", "server", "mutate", "prepare"];

/** Runs an entry point here, and gives its exit code and what it printed. */
async function run(file: string, ...args: string[]): Promise<[number, string, string]> {
  const { main } = await import(new URL(`../../${file}`, import.meta.url).href);
  const { log, error } = console;
  const [out, err]: [string[], string[]] = [[], []];
  console.log = (line: string) => void out.push(line);
  console.error = (line: string) => void err.push(line);
  try {
    return [await main(args), out.join("\n"), err.join("\n")];
  } finally {
    Object.assign(console, { log, error });
  }
}

const programs = Object.entries<{ command: string }>(config.tasks)
  .map(([name, { command }]) => [name, command.match(/deno run [^&]*?(\S+\.ts)$/)?.[1]] as const)
  .filter(([name, file]) => file !== undefined && !OTHERS.includes(name));

Deno.test("there are entry points to try", () => assert(programs.length >= 8));

for (const [name, file] of programs) {
  Deno.test({
    name: `deno task ${name} prints its help within 80 columns, and refuses what is no option`,
    ignore: !granted("read"),
    fn: async () => {
      const [code, help, errors] = await run(file!, "--help");
      assertEquals([code, errors], [0, ""]);
      assertStringIncludes(help, `\nUsage: deno task ${name} `);
      for (const line of help.split("\n")) assert(line.length <= 80, line);
      const refusal = 'parley: "--nonsense" is not an option of this command: try --help';
      assertEquals(await run(file!, "--nonsense"), [2, "", refusal]);
    },
  });
}
