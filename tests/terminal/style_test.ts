import { assertEquals } from "@std/assert";
import { STYLE_SEQUENCE, styleLevel, type StyleName, styler } from "../../lib/terminal/style.ts";

Deno.test("styler() puts styles around text and ends them in reverse", () => {
  const style = styler("16");
  assertEquals(style("x", "bold", "red"), "\x1b[1m\x1b[31mx\x1b[39m\x1b[22m");
  assertEquals(style("", "bold"), "");
  assertEquals(styler("none")("x", "bold"), "x");
});

Deno.test("STYLE_SEQUENCE matches every style and nothing else", () => {
  const names: StyleName[] = ["bold", "dim", "red", "green", "magenta"];
  for (const name of names) {
    assertEquals(styler("16")("x", name).replaceAll(STYLE_SEQUENCE, ""), "x");
  }
  for (const other of ["\x1b[8m", "\x1b[7m", "\x1b[m", "\x1b[2J", "\x1b[38;5;1m", "\x1b[41m"]) {
    assertEquals(other.replaceAll(STYLE_SEQUENCE, ""), other);
  }
});

Deno.test("styleLevel() obeys the option, then NO_COLOR, TERM and what the output is", () => {
  const env = { TERM: "xterm-256color" };
  assertEquals(styleLevel(env, true), "16");
  assertEquals(styleLevel(env, false), "none");
  assertEquals(styleLevel({ ...env, NO_COLOR: "1" }, true), "none");
  assertEquals(styleLevel({ ...env, NO_COLOR: "" }, true), "16", "an empty NO_COLOR says nothing");
  assertEquals(styleLevel({ TERM: "dumb" }, true), "none");
  assertEquals(styleLevel({}, true), "none");
  assertEquals(styleLevel({ NO_COLOR: "1" }, false, "always"), "16");
  assertEquals(styleLevel(env, true, "never"), "none");
});
