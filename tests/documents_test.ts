/** What the pages name is there. */
import { assert, assertEquals } from "@std/assert";
import configuration from "../deno.json" with { type: "json" };
import { granted } from "./helpers/permissions.ts";

const ROOT = new URL("../", import.meta.url);

/** Every page, by its path from the root. */
async function pages(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of ["", "docs/"]) {
    for await (const { name } of Deno.readDir(new URL(folder, ROOT))) {
      if (!name.endsWith(".md")) continue;
      found.set(folder + name, await Deno.readTextFile(new URL(folder + name, ROOT)));
    }
  }
  return found;
}

Deno.test({
  name: "every task that a page names is in deno.json",
  ignore: !granted("read"),
  async fn() {
    const tasks = Object.keys(configuration.tasks);
    const named: string[] = [];
    for (const [path, text] of await pages()) {
      for (const [, task] of text.matchAll(/deno(?:@[\d.]+)? task (?:-q )?([a-z-]+)/g)) {
        assert(tasks.includes(task!), `${path}: deno task ${task}`);
        named.push(task!);
      }
    }
    for (const task of ["demo", "test", "server", "client"]) assert(named.includes(task), task);
  },
});

Deno.test({
  name: "every file that a page links to is there",
  ignore: !granted("read"),
  async fn() {
    let links = 0;
    for (const [path, text] of await pages()) {
      for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
        const { isFile } = await Deno.stat(new URL(target!, new URL(path, ROOT))).catch(() => {
          throw new Error(`${path} links to ${target}, which is not there`);
        });
        assertEquals(isFile, true, `${path}: ${target}`);
        links++;
      }
    }
    assert(links > 10, `${links} links`);
  },
});

/** The anchor of a heading, as the pages' renderer makes it. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}

Deno.test({
  name: "every heading that a page links to is there",
  ignore: !granted("read"),
  async fn() {
    const all = await pages();
    const headings = new Map(
      [...all].map(([path, text]) => [
        path,
        new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!))),
      ]),
    );
    let links = 0;
    for (const [path, text] of all) {
      for (const [, file, anchor] of text.matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)) {
        const target = file === ""
          ? path
          : new URL(file!, new URL(path, ROOT)).href.slice(ROOT.href.length);
        assert(headings.get(target)?.has(anchor!), `${path}: ${file}#${anchor}`);
        links++;
      }
    }
    assert(links > 100, `${links} links`);
  },
});
