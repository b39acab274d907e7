/**
 * `deno task screens`: writes docs/SCREENS.md, docs/talk.cast and docs/talk.svg again, from real runs in tmux.
 *
 * @module
 */
import configuration from "../deno.json" with { type: "json" };
import type { Command } from "../lib/cli/options.ts";
import { runCommand } from "../lib/cli/run.ts";
import { EXIT, type ExitCode, ParleyError } from "../lib/errors.ts";
import { drawScreens } from "./svg.ts";
import { hasTmux, type Pane, Tmux } from "./tmux.ts";
import { TextLineStream } from "./text_lines.ts";

const ROOT = new URL("..", import.meta.url).pathname;

/** How often the recording looks at the screen, in milliseconds. */
const FRAME = 100;

/** A pane's sizes: what most have, and the least that is promised. */
const SIZES = [[80, 24], [40, 20]] as const;

/** How much is sent: some seconds of it. */
const MOVIE_BYTES = 64 * 1024 * 1024;

/** A relay, on a free port unless one is named. */
async function startRelay(port = "0") {
  const command = configuration.tasks.server.command.replaceAll("'", "").split(" ").slice(1);
  const process = new Deno.Command(Deno.execPath(), {
    args: [...command, "--port", port],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const output = process.stdout.pipeThrough(new TextLineStream()).getReader();
  const url = String((await output.read()).value).match(/http:\S+/)![0];
  const stop = async (signal: Deno.Signal = "SIGTERM") => {
    process.kill(signal);
    await output.cancel();
    await process.status;
  };
  return { url, stop };
}

type Size = readonly [columns: number, rows: number];

/** The pane of which pictures are taken, and the other's. */
async function open(tmux: Tmux, size: Size): Promise<[alice: Pane, bob: Pane]> {
  return [await tmux.open(...size), await tmux.open(80, 24)];
}

/** These words, however the screen breaks them into rows. */
function words(text: string): RegExp {
  const parts = text.split(" ").map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(parts.join("(?:\\s+\\|)?\\s+"), "u");
}

/** Does something in a folder that is gone afterwards. */
async function inFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "parley-screens-" });
  try {
    return await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Types the command for a client, shown as a person would type it. */
async function client(pane: Pane, url: string, args: string): Promise<void> {
  const settings = `alias deno='${Deno.execPath()}'; export PARLEY_SERVER=${url}`;
  await pane.enter(`cd '${ROOT}'; ${settings}; clear`);
  await pane.until(/^\$$/);
  await pane.enter(`deno task -q client ${args}`);
}

/** Starts a client of which no picture is taken, in a folder where it may leave what it receives. */
async function receiver(pane: Pane, url: string, folder: string, args: string): Promise<void> {
  const permissions = "--allow-net --ignore-env --allow-read=received --allow-write=received";
  const run = `'${Deno.execPath()}' run --quiet --config '${ROOT}deno.json' --no-prompt`;
  await pane.enter(`cd '${folder}'`);
  await pane.enter(`${run} ${permissions} '${ROOT}client.ts' --server ${url} ${args}`);
}

/** The first minute: a code, a conversation, a look at what to compare, a goodbye. */
async function firstMinute(tmux: Tmux, url: string, size: Size, recording?: Recording) {
  const [alice, bob] = await open(tmux, size);
  recording?.watch(alice);
  await client(alice, url, "--name Alice --invite");
  const [code] = await alice.until(/\d+-[a-z]+-[a-z]+-[a-z]+/);
  await alice.until(words("waiting in room"));
  await alice.enter("hi Bob 👋");
  await alice.until(words("… you> hi Bob"));
  const alone = await alice.screen();
  await client(bob, url, `--name Bob --join ${code}`);
  await alice.until(words("you> hi Bob 👋 ✓"));
  await bob.until(words("Alice> hi Bob"));
  await bob.enter("你好 Alice! nobody in between?");
  await alice.until(words("nobody in between?"));
  await alice.enter("the code says so, and I see the same with /verify");
  await bob.until("/verify");
  await alice.until(words("/verify ✓"));
  await bob.type("good, then");
  const together = await alice.screen();
  await bob.press("C-u");
  await bob.enter("exit");
  await alice.until(words("Bob has left"));
  await alice.press("C-d");
  await alice.until(/\$$/);
  return { alone, together };
}

/** The sizes of the two panes of the picture in the README. */
const TALK_SIZE = [60, 17] as const;

/** Two people talking, as the README shows them. */
async function talk(tmux: Tmux, url: string): Promise<string> {
  const [alice, bob] = [await tmux.open(...TALK_SIZE), await tmux.open(...TALK_SIZE)];
  await client(alice, url, "--name Alice --invite");
  const [code] = await alice.until(/\d+-[a-z]+-[a-z]+-[a-z]+/);
  await alice.until(words("waiting in room"));
  await client(bob, url, `--name Bob --join ${code}`);
  await alice.until(/to \([^)]*\)\s+Bob>/);
  await bob.until(/to \([^)]*\)\s+Alice>/);
  await alice.enter("Hi Bob 👋 can anybody read this?");
  await bob.until(words("can anybody read this?"));
  await bob.enter("Only you: the code proved it.");
  await alice.until(words("the code proved it"));
  await alice.enter("And the relay?");
  await bob.until(words("And the relay?"));
  await bob.enter("It sees sealed payloads, and no key. 你好!");
  await alice.until(words("no key."));
  await bob.until(words("no key. 你好! ✓"));
  const screens = [await alice.colouredScreen(), await bob.colouredScreen()];
  for (const pane of [alice, bob]) await pane.press("C-c");
  const pictures = screens.map((screen, i) => ({ title: ["Alice", "Bob"][i]!, screen }));
  return drawScreens(pictures, TALK_SIZE, "Alice and Bob talk, each in a terminal");
}

/** The stop: a name that the profile knows comes with another key. */
function keyChange(tmux: Tmux, url: string, size: Size): Promise<string> {
  return inFolder(async (folder) => {
    const room = `k${size[0]}`;
    const [alice, bob] = await open(tmux, size);
    await alice.enter(`export PARLEY_PROFILE_DIR='${folder}' PARLEY_PASSPHRASE=for-this-picture`);
    const meet = async (isNew: boolean) => {
      await client(alice, url, `--name Alice --profile alice --room ${room}`);
      if (isNew) {
        await alice.until("[y/N]");
        await alice.enter("y");
      }
      await alice.until(words("waiting in room"));
      await client(bob, url, `--name Bob --room ${room}`);
    };
    await meet(true);
    await bob.until(/to \([^)]*\)\s+Alice>/);
    await bob.enter("exit");
    await alice.until(words("Bob has left"));
    await alice.press("C-d");
    await alice.until(/\$$/);
    await meet(false);
    await alice.until("STOP");
    await alice.until(/accept-new-key/);
    const screen = await alice.screen();
    for (const pane of [alice, bob]) await pane.press("C-c");
    return screen;
  });
}

/** The relay dies in the middle of a file and comes back, and nothing is lost. */
function outage(tmux: Tmux, size: Size): Promise<{ away: string; back: string }> {
  return inFolder(async (folder) => {
    const relay = await startRelay();
    const [alice, bob] = await open(tmux, size);
    await Deno.writeFile(`${folder}/holiday.mov`, new Uint8Array(MOVIE_BYTES));
    await alice.enter(`export PARLEY_FILES='${folder}'`);
    await client(alice, relay.url, "--name Alice --invite");
    const [code] = await alice.until(/\d+-[a-z]+-[a-z]+-[a-z]+/);
    await receiver(bob, relay.url, folder, `--name Bob --join ${code}`);
    await bob.until(/to \([^)]*\)\s+Alice>/);
    await alice.enter("/clear");
    await alice.enter(`/send ${folder}/holiday.mov`);
    await bob.until(words("/accept 1"));
    await bob.enter("/accept");
    await alice.until(/↑ .* [1-9]\d%/);
    await relay.stop("SIGKILL");
    await alice.until(words("the connection to the relay broke"));
    await alice.enter("said while the relay is away");
    await alice.until(words("… you> said while"));
    const away = await alice.screen();
    const next = await startRelay(new URL(relay.url).port);
    await alice.until(words("you> said while the relay is away ✓"));
    await alice.until(words("Bob has holiday.mov"));
    await bob.enter("it came, all of it");
    await alice.until(words("Bob> it came"));
    const back = await alice.screen();
    for (const pane of [bob, alice]) await pane.press("C-c");
    await next.stop();
    return { away, back };
  });
}

/** Screens as they change, in the form of asciinema (asciicast, version 2). */
class Recording {
  readonly #events: string[] = [];
  readonly #start = performance.now();
  #last = "";
  #done = false;
  #turn: Promise<void> = Promise.resolve();

  watch(pane: Pane): void {
    this.#turn = (async () => {
      while (!this.#done) {
        const screen = await pane.colouredScreen().catch(() => "");
        if (screen !== this.#last) this.#add(screen);
        await new Promise((resolve) => setTimeout(resolve, FRAME));
      }
    })();
  }

  #add(screen: string): void {
    this.#last = screen;
    const seconds = Number(((performance.now() - this.#start) / 1000).toFixed(2));
    const frame = `\x1b[H\x1b[2J${screen.replaceAll("\n", "\r\n")}`;
    this.#events.push(JSON.stringify([seconds, "o", frame]));
  }

  async text(): Promise<string> {
    this.#done = true;
    await this.#turn;
    const header = { version: 2, width: 80, height: 24, title: "parley: the first minute" };
    return [JSON.stringify(header), ...this.#events, ""].join("\n");
  }
}

function page(sections: readonly (readonly [title: string, screen: string])[]): string {
  const parts = sections.map(([title, screen]) => `## ${title}\n\n\`\`\`text\n${screen}\n\`\`\`\n`);
  return [
    "# Screens",
    "",
    "What a person sees, from real runs in tmux. `deno task screens` writes this page again, and",
    "[talk.cast](talk.cast), which `asciinema play` plays.",
    "",
    ...parts,
  ].join("\n");
}

async function write(): Promise<void> {
  if (!await hasTmux()) {
    throw new ParleyError("no-tmux", "the screens are taken with tmux, which is not here");
  }
  const relay = await startRelay();
  await using tmux = new Tmux();
  await Deno.writeTextFile(`${ROOT}docs/talk.svg`, await talk(tmux, relay.url));
  const sections: [string, string][] = [];
  for (const size of SIZES) {
    const recording = size === SIZES[0] ? new Recording() : undefined;
    const { alone, together } = await firstMinute(tmux, relay.url, size, recording);
    sections.push([`The first minute, nobody there yet, ${size.join(" × ")}`, alone]);
    sections.push([`The first minute, ${size.join(" × ")}`, together]);
    if (recording) await Deno.writeTextFile(`${ROOT}docs/talk.cast`, await recording.text());
  }
  for (const size of SIZES) {
    const screen = await keyChange(tmux, relay.url, size);
    sections.push([`A known name with another key, ${size.join(" × ")}`, screen]);
  }
  for (const size of SIZES) {
    const { away, back } = await outage(tmux, size);
    sections.push([`The relay is killed in the middle of a file, ${size.join(" × ")}`, away]);
    sections.push([`The relay is back, ${size.join(" × ")}`, back]);
  }
  await Deno.writeTextFile(`${ROOT}docs/SCREENS.md`, page(sections));
  await relay.stop();
}

const COMMAND: Command = {
  name: "deno task screens",
  summary: "Writes docs/SCREENS.md, talk.cast and talk.svg again, from runs in tmux.",
  options: [],
  exits: [[EXIT.ok, "written"], [EXIT.usage, "wrong usage"]],
  examples: [],
};

/** The entry point. */
export function main(args: readonly string[]): Promise<ExitCode> {
  return runCommand(COMMAND, args, async () => {
    await write();
    return EXIT.ok;
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
