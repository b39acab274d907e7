/**
 * The attack lab: an attack of each chapter succeeds against the textbook and is refused by parley-1, its page is the
 * committed one, and nothing in lib/ knows of it. tests/soak/attack.ts plays them all.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import committed from "../../docs/ATTACKS.md" with { type: "text" };
import type { Attack } from "../../lab/attack.ts";
import { ATTACKS, CHAPTERS } from "../../lab/catalog.ts";
import { main } from "../../lab/main.ts";
import { page } from "../../lab/page.ts";
import { type Outcome, table, WIDE } from "../../lab/play.ts";
import { captured } from "../helpers/captured.ts";
import { canRun, granted } from "../helpers/permissions.ts";

/** An attack by its name. */
const find = (name: string) => ATTACKS.find((attack) => attack.name === name);

Deno.test({
  name:
    "the first attack of every third chapter succeeds against the textbook, and none against parley-1",
  ignore: !granted("net"),
  async fn() {
    const { Lab } = await import("../../lab/harness/lab.ts");
    const { isAsExpected, play } = await import("../../lab/play.ts");
    await using lab = await Lab.open();
    // tests/soak/attack.ts plays them all.
    for (const [, attacks] of CHAPTERS.filter((_, i) => i % 3 === 2)) {
      const outcome = await play(lab, attacks[0]!);
      assert(isAsExpected(outcome), JSON.stringify(outcome));
    }
  },
});

Deno.test("docs/ATTACKS.md is what the catalogue says", () => {
  assertEquals(page(), committed, "deno run lab/main.ts --docs > docs/ATTACKS.md");
});

Deno.test("the catalogue names each attack once, in a chapter, with one line for each thing", () => {
  const names = ATTACKS.map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
  for (const { name, idea, formula, check, defence } of ATTACKS) {
    assertMatch(name, /^[a-z]+(-[a-z]+)*$/);
    for (const line of [idea, formula, check, defence]) {
      assert(line !== "" && !line.includes("\n") && line.length <= WIDE - 3, `${name}: ${line}`);
    }
  }
});

Deno.test("the catalogue has every attack that issue 4 asks for", () => {
  const asked = "man-in-the-middle key-substitution forgery-without-key r-out-of-range s-plus-q " +
    "nonce-reuse guessable-nonce short-nonces share-zero share-one share-minus-one " +
    "share-non-residue peer-supplied-group handshake-reflection message-reflection " +
    "identity-misbinding replay-in-session replay-across-sessions reordering dropping truncation " +
    "cfb-bit-flip iv-flip stripped-mac suite-downgrade kem-downgrade signature-downgrade " +
    "unknown-version counter-overflow forged-reset cross-context-signature escapes-in-text " +
    "escapes-in-name escapes-in-error oversized-json nested-json prototype-pollution " +
    "kem-stripped kem-replaced invite-code-guess invite-code-dictionary transcript-changed";
  assertEquals(asked.split(" ").filter((name) => find(name) === undefined), []);
});

/** What comes of an attack that goes as it should, or does not. */
function outcomeOf(attack: Attack, word: string = attack.answer ?? "refused"): Outcome {
  const line = "what was seen";
  return {
    attack,
    textbook: { isAsExpected: true, word: "succeeds", line },
    parley: { isAsExpected: word === (attack.answer ?? "refused"), word, line },
  };
}

Deno.test("the table fits 100 columns, and without its last one 80", () => {
  const outcomes = ATTACKS.map((attack) => outcomeOf(attack));
  const [wide, narrow] = [table(outcomes, WIDE), table(outcomes, 80)];
  assertEquals([wide.length, narrow.length], [ATTACKS.length + 3, ATTACKS.length + 3]);
  for (const line of wide.slice(0, -2)) assert(line.length <= WIDE, line);
  for (const line of narrow.slice(0, -2)) assert(line.length <= 80, line);
  assertStringIncludes(wide[1]!, ATTACKS[0]!.check);
  assert(!narrow[1]!.includes(ATTACKS[0]!.check));
});

Deno.test("the table and its summary say what was not as expected", () => {
  const [one, other] = [outcomeOf(ATTACKS[0]!), outcomeOf(ATTACKS[0]!, "SUCCEEDS")];
  const rows = table([one, other], WIDE);
  assertMatch(rows[1]!, /^1 {2}man-in-the-middle {2}succeeds {2}refused .* bad-code/);
  assertMatch(rows[2]!, /SUCCEEDS/);
  assertMatch(rows.at(-1)!, /1 are refused .*NOT AS EXPECTED: man-in-the-middle\.$/);
});

/** Runs the lab's command line with the permissions of its task. */
async function attack(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", "--ignore-env"],
      ...["lab/main.ts", ...args],
    ],
    cwd: new URL("../..", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test({
  name: "deno task attack NAME shows the numbers and the formula of one attack, exit 0",
  ignore: !canRun,
  async fn() {
    const { code, out, err } = await attack("forgery-without-key");
    assertEquals([code, err], [0, ""], out);
    assertStringIncludes(out, find("forgery-without-key")!.formula);
    assertMatch(out, /y\^r mod p = 1\n/);
    assertMatch(out, /r = 0x7fffffff…ffffffff \(3071 bits\)/);
    assertMatch(out, /=> succeeds: .*\n[^]*=> refused: .*\n.*bad-signature/);
  },
});

Deno.test({
  name: "deno task attack: --list and --help print and leave; a wrong name is usage",
  ignore: !canRun,
  async fn() {
    const list = await captured(() => main(["--list"]));
    assertEquals([list.code, list.stdout.trimEnd().split("\n").length], [0, ATTACKS.length]);
    assertStringIncludes((await captured(() => main(["--help"]))).stdout, "Exit codes: 0 ");
    const { code, out, err } = await attack("no-such\x1b[2J");
    assertEquals([code, out, err.split("\n").length], [2, "", 2]);
    assertStringIncludes(err, "--list");
    assert(!err.includes("\x1b"), err);
  },
});

Deno.test({
  name: "no entry point imports from lab/, tools/ or tests/; the test of the layers has lib/",
  ignore: !granted("read"),
  async fn() {
    for (const entry of ["client.ts", "server.ts", "profile.ts", "verify.ts"]) {
      const text = await Deno.readTextFile(new URL(`../../${entry}`, import.meta.url));
      const specifiers = Array.from(text.matchAll(/\b(?:from|import)\s*\(?\s*["'](.+?)["']/g));
      assert(specifiers.length > 0, entry);
      for (const [, specifier] of specifiers) {
        assert(!/^\.\/(lab|tools|tests)\//.test(specifier!), `${entry}: ${specifier}`);
      }
    }
  },
});

Deno.test({
  name: "the attacks and the textbook open no socket: the catalogue is read with no permission",
  ignore: !granted("read"),
  async fn() {
    const lab = new URL("../../lab/", import.meta.url);
    for (const folder of ["attacks/", "plays/", "textbook/", "forge/", "math/"]) {
      for await (const { name } of Deno.readDir(new URL(folder, lab))) {
        const text = await Deno.readTextFile(new URL(folder + name, lab));
        assert(!/from "socket\.io/.test(text), name);
        // Of the lab only types, which are gone when it runs, and the names of its seats.
        for (const [line] of text.matchAll(/^import (?!type ).* from "\.\.\/harness\/.*$/gm)) {
          assertMatch(line, /"\.\.\/harness\/room\.ts"/, name);
        }
      }
    }
  },
});
