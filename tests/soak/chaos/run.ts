/** One run: a relay, two clients, a proxy between each of them and the relay, and a schedule of what goes wrong. */
import type { ScryptCost } from "../../../lib/profile/passphrase_key.ts";
import { Chance } from "./chance.ts";
import { ConditionVariable, wait } from "./condition.ts";
import { Endpoint, type UnexpectedExit } from "./endpoint.ts";
import { type FileCounts, filesIn } from "./file_ledger.ts";
import type { LedgerCounts, Violation } from "./ledger.ts";
import {
  type Folders,
  makeFolders,
  makeProfile,
  stablePort,
  startClient,
  startRelay,
} from "./programs.ts";
import { Proxy } from "./proxy.ts";
import {
  describe,
  drawSchedule,
  type FaultKind,
  type Kill,
  otherSide,
  type Scheduled,
  type Side,
  SIDES,
} from "./schedule.ts";
import { Service } from "./service.ts";
import { drawWorkload, lineOf } from "./workload.ts";

/** Milliseconds that the two have to meet, before anything goes wrong. */
const MEETING = 60_000;

/** Milliseconds that everything has to arrive, after the last fault. */
const SETTLING = 120_000;

/** Milliseconds between two looks at what lies in the folders. */
const LOOK = 5_000;

/** Milliseconds that both have to leave. */
const LEAVING = 30_000;

/** Milliseconds between two lines of progress. */
const PROGRESS = 10_000;

/** What is to be done. */
export interface Plan {
  /** Where the schedule, texts and files come from. */
  readonly seed: number;
  /** Milliseconds in which everything goes wrong. */
  readonly duration: number;
  /** An empty folder. */
  readonly folder: string;
  /** What opening a profile costs. @default as in the product */
  readonly cost?: ScryptCost;
  /** Ends the run early. */
  readonly signal: AbortSignal;
  /** Is given a line of progress now and then. */
  readonly progress: (line: string) => void;
  /** Is given each line of the trace: everything that may explain a violation. */
  readonly trace: (line: string) => void;
}

/** What one side said and sent. */
interface SideOutcome {
  readonly lines: LedgerCounts;
  readonly files: FileCounts;
  /** How often it was secure. */
  readonly sessions: number;
  readonly unexpectedExits: readonly UnexpectedExit[];
  /** What is wrong with its lines and files. */
  readonly violations: readonly Violation[];
}

/** How often a fault of each kind was to happen, and how often it met bytes or a connection. */
type FaultCounts = Map<FaultKind, { drawn: number; hit: number }>;

/** What came of a run. */
export interface Outcome {
  readonly violations: readonly Violation[];
  readonly sides: Readonly<Record<Side, SideOutcome>>;
  readonly kills: Readonly<Record<Kill["target"], number>>;
  readonly faults: FaultCounts;
  /** Milliseconds from each line's being handed to a client to its being shown by the other. */
  readonly times: readonly number[];
  /** Milliseconds that it took from the first fault to the last arrival. */
  readonly took: number;
}

/** The processes of a run. */
interface Setup {
  readonly folders: Folders;
  readonly relay: Service;
  /** How the relay ended by itself. */
  readonly relayExits: readonly string[];
  readonly proxies: Readonly<Record<Side, Proxy>>;
  readonly endpoints: Readonly<Record<Side, Endpoint>>;
  readonly condition: ConditionVariable;
}

/**
 * Plays a plan. Every process is gone when this returns or throws.
 *
 * @throws {Error} when it can't begin, or is ended early
 */
export async function play(plan: Plan): Promise<Outcome> {
  const { seed, signal, trace } = plan;
  const condition = new ConditionVariable();
  const folders = await makeFolders(plan.folder, SIDES);
  for (const side of SIDES) await makeProfile(folders, side, plan.cost);
  const port = stablePort();
  const listening = Promise.withResolvers<void>();
  const relayExits: string[] = [];
  await using relay = new Service({
    start: () => startRelay(folders, port, () => listening.resolve()),
    onGone: ({ code, stderr }, wasKilled) => {
      if (wasKilled) return;
      relayExits.push(`the relay ended with code ${code}: ${stderr}`);
      trace(relayExits.at(-1)!);
    },
  });
  await Promise.race([listening.promise, wait(MEETING, signal)]);
  await using alicesLine = new Proxy(port, new Chance("alice's jitter"));
  await using bobsLine = new Proxy(port, new Chance("bob's jitter"));
  const proxies = { alice: alicesLine, bob: bobsLine };
  const endpoint = (side: Side) =>
    new Endpoint({
      side,
      start: (onLine) => {
        const options = { port: proxies[side].port, onLine, more: ["--accept-files"] };
        return startClient(folders, side, options);
      },
      lineOf: (number) => lineOf(seed, side, number),
      bytesOf: (name, length) => new Chance(`${seed}: ${name}`).bytes(length),
      outgoing: folders.outgoing(side),
      changed: () => condition.notifyAll(),
      trace,
    });
  await using alice = endpoint("alice");
  await using bob = endpoint("bob");
  alice.meets(bob);
  bob.meets(alice);
  const endpoints = { alice, bob };
  return await runOn(plan, { folders, relay, relayExits, proxies, endpoints, condition });
}

/** Plays once the processes run. */
async function runOn(plan: Plan, setup: Setup): Promise<Outcome> {
  const { endpoints, condition, relay, proxies } = setup;
  const { alice, bob } = endpoints;
  const { signal, progress } = plan;
  const both = [alice, bob];
  const violations: Violation[] = [];
  if (!await condition.until(() => both.every(({ sessions }) => sessions > 0), MEETING, signal)) {
    signal.throwIfAborted();
    const why = both.flatMap(({ unexpectedExits }) => unexpectedExits.map(({ why }) => why));
    throw new Error(["the two did not meet", ...why].join("\n"));
  }
  const begun = performance.now();
  const faults: FaultCounts = new Map();
  const timer = setInterval(() => progress(progressOf(setup, faults, begun)), PROGRESS);
  try {
    await playSchedule(plan, setup, faults, begun);
    progress(`${elapsed(begun)}: no more faults; everything has to arrive now`);
    for (const proxy of Object.values(proxies)) proxy.clearFaults();
    if (!await settle(setup, signal)) {
      violations.push({ kind: "stuck", what: `waits: ${whatWaits(both)}` });
    }
  } finally {
    clearInterval(timer);
  }
  const took = performance.now() - begun;
  await Promise.race([
    Promise.all(both.map((endpoint) => endpoint.leave())),
    wait(LEAVING, signal),
  ]);
  for (const { side, exitCode, client } of both) {
    if (client.current !== null) violations.push({ kind: "stuck", what: `${side} did not leave` });
    else if (exitCode !== 0) {
      violations.push({ kind: "process", what: `${side} left with code ${exitCode}` });
    }
  }
  const exits = [...unexplainedExits(alice, bob), ...unexplainedExits(bob, alice)];
  for (const what of [...exits, ...setup.relayExits]) violations.push({ kind: "process", what });
  const sides = {
    alice: await outcomeOf(alice, setup.folders),
    bob: await outcomeOf(bob, setup.folders),
  };
  return {
    violations: [...sides.alice.violations, ...sides.bob.violations, ...violations],
    sides,
    kills: { relay: relay.killed, alice: alice.client.killed, bob: bob.client.killed },
    faults,
    times: both.flatMap(({ lines }) => lines.times),
    took,
  };
}

/** Waits until everything has arrived; `false` when that takes too long. */
async function settle({ endpoints, condition, folders }: Setup, signal: AbortSignal) {
  const both = Object.values(endpoints);
  const isSettled = () => both.every((endpoint) => endpoint.settled);
  const end = performance.now() + SETTLING;
  while (!await condition.until(isSettled, LOOK, signal)) {
    signal.throwIfAborted();
    if (performance.now() > end) return false;
    for (const { side, files } of both) {
      files.look(await filesIn(folders.incoming(otherSide(side))));
    }
  }
  return true;
}

/** Ends of a client for which there is no good reason. */
function unexplainedExits({ unexpectedExits }: Endpoint, other: Endpoint): string[] {
  const left = unexpectedExits.filter(({ kind }) => kind === "left");
  const bad = unexpectedExits.filter(({ kind }) => kind === "other");
  // A client that ends by itself leaves, and the other is told so.
  const unexplained = left.slice(other.unexpectedExits.length);
  return [...bad, ...unexplained].map(({ why }) => why);
}

/** What each side's client still has to take, and to bring across. */
function whatWaits(endpoints: readonly Endpoint[]): string {
  return endpoints.map(({ side, lines, files }) => {
    const { handed, inFlight } = lines.waiting;
    return [`${side}: handed ${handed}, in flight ${inFlight}`, ...files.waiting].join(", ");
  }).join("; ");
}

/** Lets everything happen at its time. */
async function playSchedule(
  { seed, duration, signal, trace }: Plan,
  setup: Setup,
  faults: FaultCounts,
  begun: number,
): Promise<void> {
  const all = [...drawSchedule(seed, duration), ...drawWorkload(seed, duration)];
  const sending: Promise<void>[] = [];
  for (const entry of all.sort((a, b) => a.at - b.at)) {
    await wait(begun + entry.at - performance.now(), signal);
    signal.throwIfAborted();
    if ("lines" in entry) setup.endpoints[entry.side].say(entry.lines);
    else if ("file" in entry) sending.push(setup.endpoints[entry.side].send(entry.file.bytes));
    else {
      trace(describe(entry));
      injectFault(entry, setup, faults);
    }
  }
  await Promise.all(sending);
}

/** Lets one thing go wrong. */
function injectFault(entry: Scheduled, { relay, endpoints, proxies }: Setup, faults: FaultCounts) {
  if ("kill" in entry) {
    const { target, pause } = entry.kill;
    return (target === "relay" ? relay : endpoints[target].client).kill(pause);
  }
  const { fault, side } = entry;
  const count = faults.get(fault.kind) ?? { drawn: 0, hit: 0 };
  faults.set(fault.kind, count);
  count.drawn++;
  let hasHit = false;
  proxies[side].inject(fault, () => {
    if (!hasHit) count.hit++;
    hasHit = true;
  });
}

async function outcomeOf(
  { side, lines, files, sessions, unexpectedExits }: Endpoint,
  folders: Folders,
): Promise<SideOutcome> {
  const found = await filesIn(folders.incoming(otherSide(side)));
  const violations = [...lines.audit(), ...files.audit(found)];
  return {
    lines: lines.counts,
    files: files.countsOf(found),
    sessions,
    unexpectedExits,
    violations,
  };
}

function elapsed(begun: number): string {
  return `${Math.round((performance.now() - begun) / 1000)} s`;
}

/** How far it is. */
function progressOf({ endpoints, relay }: Setup, faults: FaultCounts, begun: number): string {
  const both = Object.values(endpoints);
  const sides = both.map(({ side, lines, files, client }) => {
    const { taken, arrived } = lines.counts;
    const { handed, inFlight } = lines.waiting;
    const open = files.waiting.length === 0 ? "" : `, files open ${files.waiting.length}`;
    const away = client.current === null ? ", away" : "";
    return `${side} ${arrived} of ${taken} (handed ${handed}, in flight ${inFlight}${open}${away})`;
  });
  const kills = both.reduce((sum, { client }) => sum + client.killed, relay.killed);
  const hit = [...faults.values()].reduce((sum, { hit }) => sum + hit, 0);
  const met = `sessions ${endpoints.alice.sessions}`;
  return `${elapsed(begun)}: ${[...sides, `kills ${kills}`, `faults ${hit}`, met].join(", ")}`;
}
