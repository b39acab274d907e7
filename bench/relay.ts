/**
 * The rows about the relay: processor time for each message that it hands on, against the same code on Node, and
 * against a bare WebSocket relay in Deno.
 *
 * @module
 */
import { type Link, relayLink } from "../lib/mod.ts";
import { makeSeat } from "../lib/conversation/seat.ts";
import { systemRandom } from "../lib/crypto/mod.ts";
import { TextLineStream } from "../tools/text_lines.ts";
import { type Measured, takeTurns } from "./measure.ts";
import { isThere, openBare, openRelay, processorTime, scratch } from "./programs.ts";

/** Bytes of a message. */
const MESSAGE_BYTES = 300;

/** Messages a second, of all pairs together, and how long between two bursts, in milliseconds. */
const [RATE, PAUSE] = [2000, 25];

/** One sender, whose messages somebody else receives. */
interface Sender {
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** Joins two to a relay; `onMessage` is called for each message that the second one gets. */
type Join = (url: string, room: string, onMessage: () => void) => Promise<Sender>;

/** Two of parley's links, without a session. */
const joinParley: Join = async (server, room, onMessage) => {
  const join = async (onMessage: () => void): Promise<[Link, Promise<void>]> => {
    const met = Promise.withResolvers<void>();
    const connect = await relayLink({ server, room }, makeSeat(systemRandom));
    const link = connect((input) => {
      if (input.type === "received") onMessage();
      if (input.type === "refusal") met.reject(new Error(input.refusal.message));
      if (input.type !== "key-exchange") return;
      input.acknowledge();
      met.resolve();
    });
    return [link, met.promise];
  };
  const [from, fromMet] = await join(() => {});
  const [to, toMet] = await join(onMessage);
  await Promise.all([fromMet, toMet]);
  return {
    send: (bytes) => from.emit("message", bytes),
    close: () => void Promise.all([from.close(), to.close()]),
  };
};

/** Two plain WebSockets. */
const joinBare: Join = async (server, room, onMessage) => {
  const open = () => {
    const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
    const socket = new WebSocket(`${server}/${room}`);
    socket.onopen = () => resolve(socket);
    socket.onerror = () => reject(new Error("cannot connect to the bare relay"));
    return promise;
  };
  const [from, to] = [await open(), await open()];
  to.onmessage = onMessage;
  return { send: (bytes) => from.send(bytes), close: () => from.close() };
};

/** Microseconds of processor time for each message that a relay hands on. */
async function costOf(
  join: Join,
  { url, pid }: RunningRelay,
  pairs: number,
  seconds: number,
): Promise<number> {
  let arrived = 0;
  const senders: Sender[] = [];
  for (let i = 0; i < pairs; i++) senders.push(await join(url, `bench-${i}`, () => void arrived++));
  const bytes = new Uint8Array(MESSAGE_BYTES);
  // The mark of suite and type, in case somebody looks.
  bytes.set(new TextEncoder().encode("parley-1\x04"));
  let sent = 0;
  const burst = async () => {
    for (let i = 0; i < RATE * PAUSE / 1000; i++) senders[sent++ % pairs]!.send(bytes);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  };
  // Both runtimes compile what runs often.
  for (let i = 0; i < 80; i++) await burst();
  const [before, counted] = [processorTime(pid), sent];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) await burst();
  for (let tries = 0; arrived < sent && tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  if (arrived < sent) throw new Error(`the relay lost ${sent - arrived} of ${sent} messages`);
  const cost = (processorTime(pid) - before) * 1000 / (sent - counted);
  for (const sender of senders) sender.close();
  await new Promise((resolve) => setTimeout(resolve, 200));
  return cost;
}

/** A relay that listens. */
interface RunningRelay extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

async function ownRelay(): Promise<RunningRelay> {
  const relay = await openRelay();
  const close = () => relay[Symbol.asyncDispose]();
  return { url: relay.url, pid: relay.child.pid, [Symbol.asyncDispose]: close };
}

async function bareRelay(): Promise<RunningRelay> {
  const relay = openBare("relay");
  const close = () => relay[Symbol.asyncDispose]();
  return { url: await relay.line(), pid: relay.child.pid, [Symbol.asyncDispose]: close };
}

/** Runs Deno here, and gives what it prints. */
async function deno(cwd: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** The relay's own files with their types taken out, under Node with the same Socket.IO; `null` where Node is not. */
async function nodeRelay(folder: string): Promise<RunningRelay | null> {
  if (!isThere("node")) return null;
  const { default: ts } = await import("typescript");
  const lib = new URL("../lib/", import.meta.url).href;
  const info = JSON.parse(await deno(".", "info", "--json", `${lib}relay/relay.ts`));
  for (const { specifier } of info.modules as { specifier: string }[]) {
    if (!specifier.startsWith(lib)) continue;
    const text = await Deno.readTextFile(new URL(specifier));
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      },
    });
    const path = `${folder}/${specifier.slice(lib.length).replace(/\.ts$/, ".mjs")}`;
    await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(path, outputText.replace(/(["']\.[^"']+)\.ts(?=["'])/g, "$1.mjs"));
  }
  const packages = ["socket.io", "socket.io-parser"].map((name) => {
    const [, version] = JSON.stringify(info).match(`"${name}@(\\d+\\.\\d+\\.\\d+)`) ?? [];
    return [name, version ?? "4"];
  });
  await Deno.writeTextFile(
    `${folder}/package.json`,
    JSON.stringify({ dependencies: Object.fromEntries(packages) }),
  );
  await deno(folder, "install", "--quiet", "--node-modules-dir=auto", "--no-lock");
  await Deno.writeTextFile(
    `${folder}/main.mjs`,
    'import { startRelay } from "./relay/relay.mjs";\n' +
      "console.log((await startRelay({ port: 0 })).url);\n",
  );
  const child = new Deno.Command("node", {
    args: ["main.mjs"],
    cwd: folder,
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextLineStream())[Symbol.asyncIterator]();
  const url = (await lines.next()).value;
  if (url === undefined) throw new Error("the relay did not start on Node");
  const close = async () => {
    child.kill();
    await child.status;
    await lines.return?.();
  };
  return { url, pid: child.pid, [Symbol.asyncDispose]: close };
}

/** Our relay against the same code on Node. */
export async function measureNode(quick: boolean): Promise<Measured> {
  await using folder = await scratch();
  await using own = await ownRelay();
  await using node = await nodeRelay(folder.path);
  const seconds = quick ? 1 : 5;
  return await takeTurns(
    "µs",
    quick ? 1 : 5,
    () => costOf(joinParley, own, 50, seconds),
    node && (() => costOf(joinParley, node, 50, seconds)),
  );
}

/** Our relay against a bare one. */
export async function measureBare(quick: boolean, pairs = 50): Promise<Measured> {
  await using own = await ownRelay();
  await using bare = await bareRelay();
  const seconds = quick ? 1 : 5;
  return await takeTurns(
    "µs",
    quick ? 1 : 3,
    () => costOf(joinParley, own, pairs, seconds),
    () => costOf(joinBare, bare, pairs, seconds),
  );
}
