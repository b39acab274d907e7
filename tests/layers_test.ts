/**
 * Imports run one way, and a name means one thing. Which layer may see which, and which files touch the world outside,
 * is written down here and held against every file of lib/.
 */
import { assert, assertEquals } from "@std/assert";
import { readdir } from "node:fs/promises";
import { granted } from "./helpers/permissions.ts";

/** Each layer, bottom up: its files, and the layers beside itself from which it may import. */
const LAYERS: Readonly<Record<string, { files: RegExp; sees: readonly string[] }>> = {
  errors: { files: /^errors\.ts$/, sees: [] },
  once: { files: /^once\.ts$/, sees: [] },
  text: { files: /^(safe_text|nearest_word)\.ts$/, sees: ["once"] },
  timer: { files: /^timer\.ts$/, sees: [] },
  crypto: { files: /^crypto\//, sees: ["errors"] },
  "relay wire": { files: /^relay\/(wire_events|frames|frame_parser)\.ts$/, sees: [] },
  protocol: { files: /^protocol\//, sees: ["errors", "text", "crypto", "relay wire"] },
  // Of parley-1 it sees a size and the names of the steps.
  classic: {
    files: /^classic\/(?!(conversation|chat)\.ts)/,
    sees: ["errors", "crypto", "relay wire", "protocol"],
  },
  profile: { files: /^profile\//, sees: ["errors", "text", "crypto", "protocol"] },
  // Files are moved below the conversation: it knows signals and offers, not what carries them.
  transfer: { files: /^transfer\//, sees: ["errors", "text", "timer", "crypto", "protocol"] },
  // Of an unfinished file it sees what is stored of it.
  delivery: { files: /^delivery\//, sees: ["errors", "crypto", "protocol", "transfer"] },
  terminal: { files: /^terminal\//, sees: ["errors", "once", "text"] },
  // The relay holds no key and reads nothing: it can't even name what it hands on.
  relay: {
    files: /^relay\/(?!wire_events|frames|frame_parser)/,
    sees: ["errors", "text", "timer", "relay wire"],
  },
  conversation: {
    files: /^conversation\//,
    sees: [
      "errors",
      "timer",
      "text",
      "crypto",
      "relay wire",
      "protocol",
      "delivery",
      "profile",
      "transfer",
    ],
  },
  pipe: {
    files: /^pipe\//,
    sees: ["timer", "errors", "text", "crypto", "protocol", "transfer", "conversation"],
  },
  chat: {
    files: /^chat\//,
    sees: [
      "errors",
      "text",
      "crypto",
      "protocol",
      "profile",
      "transfer",
      // Of delivery the chat sees the lines of the outbox.
      "delivery",
      "terminal",
      "conversation",
    ],
  },
  "classic client": {
    files: /^classic\/(conversation|chat)\.ts/,
    sees: [
      "errors",
      "timer",
      "text",
      "crypto",
      "protocol",
      "classic",
      "terminal",
      "conversation",
      "chat",
    ],
  },
  // What an engineer imports.
  library: {
    files: /^(mod|open_conversation)\.ts$/,
    sees: [
      "errors",
      "timer",
      "crypto",
      "relay wire",
      "protocol",
      "delivery",
      "profile",
      "transfer",
      "relay",
      "conversation",
    ],
  },
  "command line": {
    files: /^cli\//,
    sees: [
      "errors",
      "timer",
      "once",
      "library",
      "crypto",
      "relay wire",
      "protocol",
      "classic",
      "delivery",
      "profile",
      "transfer",
      "terminal",
      "relay",
      "text",
      "conversation",
      "pipe",
      "chat",
      "classic client",
    ],
  },
};

/** What comes from outside of lib/, and the files that may have it: the edges. */
const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  // Of the relay's, only numbers of rooms.
  "node:crypto": [
    "crypto/aes_cfb.ts",
    "crypto/aes_cfb8.ts",
    "crypto/hash.ts",
    "crypto/secret_box.ts",
    "profile/passphrase_key.ts",
    "relay/relay.ts",
  ],
  "node:buffer": ["relay/relay.ts", "relay/socket_connection.ts"],
  "node:http": ["relay/relay.ts"],
  "node:net": ["conversation/socket_link.ts", "relay/relay.ts"],
  "node:tls": ["conversation/socket_link.ts"],
  "socket.io": ["relay/relay.ts", "relay/socket_connection.ts"],
  "socket.io-client": ["conversation/socket_link.ts"],
  "socket.io-parser": ["relay/frame_parser.ts"],
  "@std/cli/parse-args": ["cli/options.ts"],
  "unhomoglyph": ["profile/look_alike.ts"],
  "../../deno.json": ["cli/version.ts"],
};

/** What brings time, chance, files or a terminal in, and the files that may use it. */
const WORLD: readonly [what: string, use: RegExp, files: readonly string[]][] = [
  ["Deno", /\bDeno\.(?!errors\b|Signal\b)/, [
    "terminal/device.ts",
    "conversation/transcript_store.ts",
    "cli/system.ts",
    "profile/files.ts",
    "transfer/disk.ts",
  ]],
  ["the clock", /\bDate\.now\b|\bnew Date\(\)|\bperformance\./, ["timer.ts"]],
  ["chance", /\bMath\.random\b|\bgetRandomValues\b|\brandomUUID\b/, ["crypto/random.ts"]],
  ["a timer", /\bset(Timeout|Interval)\b/, [
    "timer.ts",
    "terminal/device.ts",
    "conversation/socket_link.ts",
  ]],
  // The library's defaults: an engineer who does not name a clock means the real one.
  ["the real clock", /\bsystemClock\b/, ["timer.ts", "open_conversation.ts", "relay/relay.ts"]],
  ["the console", /\bconsole\./, ["cli/run.ts"]],
  ["the network", /\bfetch\(|\bWebSocket\b/, []],
  ["the real generator", /\bsystemRandom\b/, [
    "crypto/random.ts",
    "crypto/mod.ts",
    "open_conversation.ts",
  ]],
];

const LIB = new URL("../lib/", import.meta.url);

/** Every TypeScript file below lib/, by its path from there. */
async function sources(): Promise<Map<string, string>> {
  const paths = (await readdir(LIB, { recursive: true })).filter((path) => path.endsWith(".ts"));
  return new Map(paths.map((path) => {
    const text = Deno.readTextFileSync(new URL(path, LIB));
    return [path.replaceAll("\\", "/"), withoutComments(text)];
  }));
}

/** The code of a file. What looks like a comment inside of a string goes with it, which hides nothing here. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "");
}

/** What a file imports: each specifier, static or dynamic, and re-exports, too. */
function importsOf(text: string): string[] {
  // Behind a quotation mark it is a text that says "from", such as a field's name.
  const pattern = /(?<!["'])\b(?:from|import)\s*\(?\s*["']([^"']+)["']/g;
  return Array.from(text.matchAll(pattern), ([, specifier]) => specifier!);
}

/** The path below lib/ of what `path` imports, or `null` when that lies outside. */
function targetOf(path: string, specifier: string): string | null {
  if (!specifier.startsWith(".")) return null;
  const { href } = new URL(specifier, new URL(path, LIB));
  return href.startsWith(LIB.href) ? href.slice(LIB.href.length) : null;
}

/** The layer of a file. */
function layerOf(path: string): string {
  const layers = Object.keys(LAYERS).filter((name) => LAYERS[name]!.files.test(path));
  assertEquals(layers.length, 1, `lib/${path} belongs to one layer`);
  return layers[0]!;
}

const ignore = !granted("read");

Deno.test("importsOf() finds every way to import", () => {
  const text = `
    import { a } from "./a.ts";
    import type { B } from './b.ts';
    import "./c.ts";
    export * from "./d.ts";
    const e = await import("./e.ts");
    import {
      f,
    } from "node:f";
  `;
  const found = ["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.ts", "node:f"];
  assertEquals(importsOf(text), found);
  assertEquals(importsOf(withoutComments(`/** import "./no.ts"; */\n // from "./no.ts"\n`)), []);
});

Deno.test({
  name: "lib/ imports downward only, and the relay sees no cryptography",
  ignore,
  async fn() {
    let checked = 0;
    for (const [path, text] of await sources()) {
      const layer = layerOf(path);
      for (const specifier of importsOf(text)) {
        const target = targetOf(path, specifier);
        if (target === null) continue;
        const seen = layerOf(target);
        const allowed = seen === layer || LAYERS[layer]!.sees.includes(seen);
        assert(allowed, `lib/${path} (${layer}) imports ${specifier} (${seen})`);
        checked++;
      }
    }
    assert(checked > 100, `${checked} imports`);
  },
});

Deno.test({
  name: "lib/ imports from outside at its edges only",
  ignore,
  async fn() {
    const used: Record<string, string[]> = {};
    for (const [path, text] of await sources()) {
      for (const specifier of new Set(importsOf(text))) {
        if (targetOf(path, specifier) === null) (used[specifier] ??= []).push(path);
      }
    }
    for (const paths of Object.values(used)) paths.sort();
    for (const files of Object.values(used)) files.sort();
    assertEquals(used, Object.fromEntries(Object.entries(OUTSIDE).map(([k, v]) => [k, [...v]])));
  },
});

Deno.test({
  name: "lib/ takes time, chance and the world outside as arguments, except at its edges",
  ignore,
  async fn() {
    for (const [path, text] of await sources()) {
      for (const [what, use, files] of WORLD) {
        assert(!use.test(text) || files.includes(path), `lib/${path} uses ${what}`);
      }
    }
  },
});

Deno.test({
  name: "lib/ declares each exported name in one file",
  ignore,
  async fn() {
    const pattern = /^export (?:async )?(?:interface|type|class|const|function) (\w+)/gm;
    const declared = new Map<string, string>();
    for (const [path, text] of await sources()) {
      for (const [, name] of text.matchAll(pattern)) {
        assert(!declared.has(name!), `${name} is in lib/${path} and lib/${declared.get(name!)}`);
        declared.set(name!, path);
      }
    }
    assert(declared.size > 500, `${declared.size} names`);
  },
});

Deno.test({
  name: "lib/ has no import cycle",
  ignore,
  async fn() {
    const graph = new Map<string, string[]>();
    for (const [path, text] of await sources()) {
      const targets = importsOf(text).map((specifier) => targetOf(path, specifier));
      graph.set(path, targets.filter((target) => target !== null));
    }
    const done = new Set<string>();
    const visit = (path: string, above: readonly string[]): void => {
      assert(!above.includes(path), [...above, path].join(" -> "));
      if (done.has(path)) return;
      for (const target of graph.get(path) ?? []) visit(target, [...above, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    assertEquals(done.size, graph.size);
  },
});
