/**
 * The row about piped lines, and the growth with their number and their size.
 *
 * @module
 */
import type { Measured } from "./measure.ts";
import { openClient, openRelay, peakMemory, type Program, scratch } from "./programs.ts";
import { scriptArguments } from "../tests/helpers/processes.ts";

/** Bytes of a line, with its end. */
const LINE_BYTES = 65;

/** After so many milliseconds the row is over, and what has come is what counts. */
const PATIENCE = 120_000;

/** Two clients that have met. */
async function pair(url: string, folder: string): Promise<[Program, Program]> {
  const room = ["--room", "bench"];
  const [a, b] = [openClient(url, folder, ...room), openClient(url, folder, ...room)];
  await Promise.all([a.event("secure"), b.event("secure")]);
  return [a, b];
}

/** What came of some piped lines. */
export interface Piped {
  /** Seconds from the first line written to the last one read. */
  readonly seconds: number;
  /** How many came, in order and as they were. */
  readonly arrived: number;
  /** The most memory of the sender, of the receiver and of the relay, in MiB. */
  readonly memory: readonly number[];
  /** How often they had to meet anew. */
  readonly renewals: number;
}

/** Pipes lines from a client to another: plain text in, events out. */
export async function pipeLines(count: number): Promise<Piped> {
  await using folder = await scratch();
  await using relay = await openRelay();
  const server = ["--server", relay.url, "--room", "bench"];
  await using receiver = openClient(relay.url, folder.path, "--room", "bench");
  await receiver.event("waiting");
  const sender = new Deno.Command(Deno.execPath(), {
    args: [...scriptArguments("client"), ...server, "--json"],
    cwd: folder.path,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const input = sender.stdin.getWriter();
  let late: ReturnType<typeof setTimeout> | undefined;
  try {
    await receiver.event("secure");
    const start = performance.now();
    const line = (i: number) => `${i}`.padEnd(LINE_BYTES - 1, ".");
    const all = Array.from({ length: count }, (_, i) => `${line(i)}\n`).join("");
    void input.write(new TextEncoder().encode(all)).then(() => input.close()).catch(() => {});
    let [arrived, renewals] = [0, 0];
    const over = new Promise<null>((resolve) => late = setTimeout(() => resolve(null), PATIENCE));
    while (arrived < count) {
      const next = receiver.event("message", "secure");
      const event = await Promise.race([next, over]);
      if (event === null) break;
      if (event.event === "secure") renewals++;
      else if (event.text === line(arrived)) arrived++;
      else if (event.event === "message") throw new Error(`line ${arrived} came as ${event.text}`);
    }
    const seconds = (performance.now() - start) / 1000;
    const pids = [sender.pid, receiver.child.pid, relay.child.pid];
    return { seconds, arrived, renewals, memory: pids.map(peakMemory) };
  } finally {
    clearTimeout(late);
    sender.kill("SIGKILL");
    await sender.status;
    await input.abort().catch(() => {});
  }
}

/** Lines a second. */
export async function measureLines(quick: boolean): Promise<Measured> {
  const count = quick ? 2_000 : 100_000;
  const { seconds, arrived, memory, renewals } = await pipeLines(count);
  return {
    ours: arrived / seconds,
    peer: null,
    ratio: null,
    unit: "lines/s",
    notes: [
      `${arrived} of ${count} lines arrived, identical and in order`,
      `${renewals} sessions made anew on the way`,
      `most memory of sender, receiver, relay: ${memory.join(", ")} MiB`,
    ],
  };
}

/** Milliseconds from a script's line to the other script's event, for each size in bytes. */
export async function measureSizes(sizes: readonly number[], rounds: number): Promise<number[][]> {
  await using folder = await scratch();
  await using relay = await openRelay();
  const [alice, bob] = await pair(relay.url, folder.path);
  await using _a = alice;
  await using _b = bob;
  const say = async (bytes: number, from: Program, to: Program) => {
    const start = performance.now();
    from.child.write(`${JSON.stringify({ say: "x".repeat(bytes) })}\n`);
    await to.event("message");
    return performance.now() - start;
  };
  await say(1, alice, bob);
  const found = [];
  for (const bytes of sizes) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      times.push(await say(bytes, alice, bob), await say(bytes, bob, alice));
    }
    found.push(times);
  }
  return found;
}
