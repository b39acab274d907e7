/**
 * The manual pages and the completions: the committed files are what the descriptions make, and bash runs them.
 */
import { assert, assertEquals } from "@std/assert";
import { CLIENT, SERVER } from "../../lib/cli/command_tables.ts";
import { allOptions, type Program } from "../../lib/cli/options.ts";
import { manualPage } from "../../lib/cli/manual.ts";
import { variablesOf } from "../../lib/cli/settings.ts";
import { bashCompletions, fishCompletions, zshCompletions } from "../../lib/cli/completions.ts";
import { GENERATED } from "../../tools/completions.ts";
import { taskArguments } from "../helpers/processes.ts";
import { canRun, granted } from "../helpers/permissions.ts";

const DOCS = new URL("../../docs/", import.meta.url);

Deno.test({
  name: "docs/man and docs/completions are what `deno task completions` writes",
  ignore: !granted("read"),
  async fn() {
    const found: string[] = [];
    for (const folder of ["man", "completions"]) {
      for await (const { name } of Deno.readDir(new URL(folder, DOCS))) {
        found.push(`${folder}/${name}`);
      }
    }
    assertEquals(found.sort(), Object.keys(GENERATED).sort());
    for (const [path, text] of Object.entries(GENERATED)) {
      const message = `docs/${path}: run deno task completions`;
      assertEquals(await Deno.readTextFile(new URL(path, DOCS)), text, message);
    }
  },
});

Deno.test("manualPage() documents every option and exit code, and begins no line with an unknown macro", () => {
  const macros = new Set("Dd Dt Os Sh Nm Nd Op Pp Bl It El Ev Fl Bd Ed".split(" "));
  for (const command of [CLIENT, SERVER]) {
    const lines = manualPage(command).split("\n");
    for (const { name } of allOptions(command)) {
      assert(lines.some((line) => line.startsWith(`.It Fl -${name}`)), name);
    }
    for (const [code] of command.exits) assert(lines.includes(`.It Li ${code}`));
    for (const [, macro] of lines.map((line) => line.match(/^[.'](\w*)/) ?? [])) {
      assert(macro === undefined || macro === "" || macros.has(macro), macro);
    }
  }
});

const HOSTILE: Program = {
  ...SERVER,
  program: "hostile",
  options: [{ name: "x", value: "X", help: ".it's [a] \\d: $(b) `c`", choices: ["o'clock"] }],
};

Deno.test("completions and manual quote what a shell or roff would obey", () => {
  const page = manualPage({ ...HOSTILE, description: [".Sh no", "'br"] });
  assert(page.includes("\n\\&.Sh no\n") && page.includes("\n\\&'br\n"));
  assert(page.includes("\\ed"));
  assert(bashCompletions([HOSTILE]).includes("'o'\\''clock'"));
  assert(zshCompletions([HOSTILE]).includes("[.it'\\''s \\[a\\] \\\\d\\: $(b) `c`]"));
  assert(fishCompletions([HOSTILE]).includes("-d '.it\\'s [a] \\\\d: $(b) `c`'"));
});

/** Runs a shell; `null` when it is not here. */
async function shell(program: string, args: string[], script = ""): Promise<string | null> {
  try {
    const child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const stdin = child.stdin.getWriter();
    await stdin.write(new TextEncoder().encode(script));
    await stdin.close();
    const { code, stdout, stderr } = await child.output();
    const text = new TextDecoder();
    assertEquals([code, text.decode(stderr)], [0, ""]);
    return text.decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

Deno.test({
  name: "the completions are well-formed for each of bash, zsh and fish that is here",
  ignore: !canRun,
  async fn() {
    await shell("bash", ["-n"], GENERATED["completions/parley.bash"]);
    await shell("zsh", ["-n"], GENERATED["completions/_parley"]);
    await shell("fish", ["-n"], GENERATED["completions/parley.fish"]);
  },
});

const TYPED: [words: string[], offered: string[]][] = [
  [["--col"], ["--color"]],
  [["--color", "a"], ["auto", "always"]],
  [["--color", "=", "n"], ["never"]],
  [["--color", "="], ["auto", "always", "never"]],
  [["--room", ""], []],
  [["--join", ""], []],
  [["--join", "--js"], ["--json", "--json-input"]],
  [["--explain", "a"], ["all"]],
];

Deno.test({
  name: "bash completes options, their values, and nothing where a text of one's own is due",
  ignore: !canRun,
  async fn() {
    for (const [words, offered] of TYPED) {
      const line = ["parley-client", ...words].map((word) => `'${word}'`).join(" ");
      const script = `${GENERATED["completions/parley.bash"]}
        COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _parley_client
        printf '%s\\n' "\${COMPREPLY[@]}"`;
      const output = await shell("bash", ["--norc"], script);
      if (output === null) return;
      assertEquals(output.split("\n").filter((word) => word !== ""), offered, line);
    }
  },
});

Deno.test("the tasks let each program see the variables of its options, and of the environment few others", () => {
  const others = { client: ["APPDATA", "HOME", "NO_COLOR", "TERM", "XDG_CONFIG_HOME"], server: [] };
  for (const [task, command] of [["client", CLIENT], ["server", SERVER]] as const) {
    const list = taskArguments(task).find((arg) => arg.startsWith("--allow-env="))!;
    const names = list.replace("--allow-env=", "").split(",");
    assertEquals(names.sort(), ["PARLEY_*", ...others[task]].sort());
    assert(variablesOf(command).every((name) => name.startsWith("PARLEY_")));
    assert(taskArguments(task).includes("--ignore-env"));
  }
});
