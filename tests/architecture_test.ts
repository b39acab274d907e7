/**
 * docs/ARCHITECTURE.md holds the paths of a line and of a leaf; every file and function that it names is there.
 */
import { assert } from "@std/assert";
import page from "../docs/ARCHITECTURE.md" with { type: "text" };
import { granted } from "./helpers/permissions.ts";

const ROOT = new URL("../", import.meta.url);

/** Most lines of a file of lib/. */
const MOST_LINES = 450;

/** Most steps between a keyboard and a socket. */
const MOST_HOPS = 10;

function textOf(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

Deno.test({
  name: "docs/ARCHITECTURE.md names files and functions that exist, in paths of at most ten hops",
  ignore: !granted("read"),
  fn() {
    const hops = [...page.matchAll(/^\| (\d+) +\| `(\S+)` +\| `(\S+)`/gm)];
    assert(hops.length > 30);
    for (const [, hop, path, name] of hops) {
      assert(Number(hop) <= MOST_HOPS, `hop ${hop}`);
      const declared = new RegExp(`(^|[\\s.])${name}(<.*>)?\\(`, "m");
      assert(declared.test(textOf(path!)), `${path} has no ${name}`);
    }
    for (const [, path] of page.matchAll(/`((?:lib|lab|tests|docs)\/[\w./]+)`/g)) {
      Deno.statSync(new URL(path!, ROOT));
    }
  },
});

Deno.test({
  name: `no file of lib/ has more than ${MOST_LINES} lines`,
  ignore: !granted("read"),
  fn() {
    const folders = [new URL("lib/", ROOT)];
    for (const folder of folders) {
      for (const { name, isDirectory } of Deno.readDirSync(folder)) {
        if (isDirectory) folders.push(new URL(`${name}/`, folder));
        else {
          const lines = Deno.readTextFileSync(new URL(name, folder)).split("\n").length - 1;
          assert(lines <= MOST_LINES, `${name} has ${lines} lines`);
        }
      }
    }
  },
});
