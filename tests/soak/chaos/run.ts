/**
 * One run: a relay, two clients, a proxy between each of them and the relay, and a schedule of what goes wrong.
 *
 * @module
 */
import { ConditionVariable } from "./condition.ts";
import { Chance } from "./chance.ts";
import { type Clock, REAL_CLOCK } from "./clock.ts";
import { type FaultKind, type Kill, otherSide, type Scheduled, type Side, SIDES } from "./fault.ts";
import { type FileCounts, filesIn } from "./file_ledger.ts";
import type { LedgerCounts } from "./ledger.ts";
import { Endpoint, type UnexpectedExit } from "./endpoint.ts";
import {
  type Folders,
  makeFolders,
  makeProfile,
  stablePort,
  startClient,
  startRelay,
} from "./programs.ts";
import { Proxy } from "./proxy.ts";
import { describe } from "./schedule.ts";
import { Service } from "./service.ts";
import type { Violation } from "./violation.ts";
import { lineOf, type Task } from "./workload.ts";

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
  /** Where texts come from. */
  readonly seed: number;
  /** What goes wrong, in order. */
  readonly schedule: readonly Scheduled[];
  /** What is said and sent, in order. */
  readonly workload: readonly Task[];
  /** An empty folder. */
  readonly folder: string;
  /** Ends the run early. */
  readonly signal: AbortSignal;
  /** Is given a line of progress now and then. */
  readonly progress: (line: string) => void;
  /** Is given each line of the trace: everything that may explain a violation. */
  readonly trace: (line: string) => void;
}

/** How often a fault of a kind was to happen, and how often it met bytes or a connection. */
export interface FaultCount {
  /** In the schedule. */
  readonly drawn: number;
  /** Met something. */
  readonly hit: number;
}

/** What one side said and sent. */
export interface SideOutcome {
  /** Lines. */
  readonly lines: LedgerCounts;
  /** Files. */
  readonly files: FileCounts;
  /** How often it was secure. */
  readonly sessions: number;
  /** How its client ended by itself. */
  readonly unexpectedExits: readonly UnexpectedExit[];
  /** What is wrong with its lines and files. */
  readonly violations: readonly Violation[];
}

/** What came of a run. */
export interface Outcome {
  /** What must not happen, and did. */
  readonly violations: readonly Violation[];
  /** Each side. */
  readonly sides: Readonly<Record<Side, SideOutcome>>;
  /** Kills that happened. */
  readonly kills: Readonly<Record<Kill["target"], number>>;
  /** Faults of the lines. */
  readonly faults: ReadonlyMap<FaultKind, FaultCount>;
  /** Milliseconds from each line's being handed to a client to its being shown by the other. */
  readonly times: readonly number[];
  /** Milliseconds that it took from the first fault to the last arrival. */
  readonly took: number;
}

/** The processes of a run. */
interface Setup {
  readonly relay: Service;
  /** How the relay ended by itself. */
  readonly relayExits: readonly string[];
  readonly proxies: Readonly<Record<Side, Proxy>>;
  readonly endpoints: Readonly<Record<Side, Endpoint>>;
  readonly condition: ConditionVariable;
  readonly clock: Clock;
}

/**
 * Plays a plan. Every process is gone when this returns or throws.
 *
 * @throws {Error} when it can't begin, or is ended early
 */
export async function play(plan: Plan): Promise<Outcome> {
  const clock = REAL_CLOCK;
  const condition = new ConditionVariable(clock);
  const folders = await makeFolders(plan.folder, SIDES);
  for (const side of SIDES) await makeProfile(folders, side, clock, plan.signal);
  const port = stablePort();
  const listening = Promise.withResolvers<void>();
  const relayExits: string[] = [];
  await using relay = new Service({
    start: () => startRelay(folders, port, () => listening.resolve()),
    onGone: ({ code, stderr }, wasKilled) => {
      if (wasKilled) return;
      relayExits.push(`the relay ended with code ${code}: ${stderr}`);
      plan.trace(relayExits.at(-1)!);
    },
    clock,
  });
  await Promise.race([listening.promise, clock.wait(MEETING, plan.signal)]);
  await using alicesLine = new Proxy({ target: port, chance: new Chance("alice's jitter") });
  await using bobsLine = new Proxy({ target: port, chance: new Chance("bob's jitter") });
  const proxies = { alice: alicesLine, bob: bobsLine };
  const endpoint = (side: Side) =>
    new Endpoint({
      ...endpointOptions(plan, folders, side, proxies[side].port),
      clock,
      changed: () => condition.notifyAll(),
    });
  await using alice = endpoint("alice");
  await using bob = endpoint("bob");
  alice.meets(bob);
  bob.meets(alice);
  return await runOn(plan, folders, {
    relay,
    relayExits,
    proxies,
    endpoints: { alice, bob },
    condition,
    clock,
  });
}

/** How a side's client is started, and what it is given to say and to send. */
function endpointOptions({ seed, trace }: Plan, folders: Folders, side: Side, port: number) {
  return {
    side,
    start: (onLine: (line: string) => void) =>
      startClient(folders, side, { port, onLine, more: CLIENT_OPTIONS }),
    lineOf: (number: number) => lineOf(seed, side, number),
    bytesOf: (name: string, length: number) => new Chance(`${seed}: ${name}`).bytes(length),
    outgoing: folders.outgoing(side),
    trace,
  };
}

/** What the clients take beside a place and a name. */
const CLIENT_OPTIONS: readonly string[] = ["--accept-files"];

/** Plays once the processes run. */
async function runOn(plan: Plan, folders: Folders, setup: Setup): Promise<Outcome> {
  const { endpoints, condition, clock, relay, proxies } = setup;
  const { signal, progress } = plan;
  const both = Object.values(endpoints);
  const violations: Violation[] = [];
  const areMet = () => both.every((endpoint) => endpoint.count("secure") > 0);
  if (!await condition.until(areMet, MEETING, signal)) {
    signal.throwIfAborted();
    const why = both.flatMap(({ unexpectedExits }) => unexpectedExits.map(({ why }) => why));
    throw new Error(["the two did not meet", ...why].join("\n"));
  }
  const begun = clock.now();
  const faults = emptyCounts();
  const stopProgress = reportProgress(setup, faults, begun, progress);
  try {
    await playSchedule(plan, setup, faults, begun);
    progress(`${elapsed(clock.now() - begun)}: no more faults; everything has to arrive now`);
    for (const proxy of Object.values(proxies)) proxy.clearFaults();
    if (!await settle(setup, folders, signal)) {
      violations.push({ kind: "stuck", what: `waits: ${whatWaits(both)}` });
    }
  } finally {
    stopProgress();
  }
  const took = clock.now() - begun;
  await Promise.race([
    Promise.all(both.map((endpoint) => endpoint.leave())),
    clock.wait(LEAVING, signal),
  ]);
  for (const [side, { exitCode, client }] of Object.entries(endpoints)) {
    if (client.current !== null) violations.push({ kind: "stuck", what: `${side} did not leave` });
    else if (exitCode !== 0) {
      violations.push({ kind: "process", what: `${side} left with code ${exitCode}` });
    }
  }
  violations.push(
    ...unexplainedExits(endpoints.alice, endpoints.bob),
    ...unexplainedExits(endpoints.bob, endpoints.alice),
    ...setup.relayExits.map((what): Violation => ({ kind: "process", what })),
  );
  const sides = {
    alice: await outcomeOf("alice", setup, folders),
    bob: await outcomeOf("bob", setup, folders),
  };
  const wrong = Object.values(sides).flatMap(({ violations }) => violations);
  return {
    violations: [...wrong, ...violations],
    sides,
    kills: {
      relay: relay.killed,
      alice: endpoints.alice.client.killed,
      bob: endpoints.bob.client.killed,
    },
    faults,
    times: both.flatMap(({ lines }) => lines.times),
    took,
  };
}

/** Waits until everything has arrived; `false` when that takes too long. */
async function settle(
  { endpoints, condition, clock }: Setup,
  folders: Folders,
  signal: AbortSignal,
): Promise<boolean> {
  const both = Object.values(endpoints);
  const isSettled = () => both.every((endpoint) => endpoint.settled);
  const end = clock.now() + SETTLING;
  while (!await condition.until(isSettled, LOOK, signal)) {
    signal.throwIfAborted();
    if (clock.now() > end) return false;
    for (const { side, files } of both) {
      files.look(await filesIn(folders.incoming(otherSide(side))));
    }
  }
  return true;
}

/** Ends of a client for which there is no good reason. */
function unexplainedExits({ unexpectedExits }: Endpoint, other: Endpoint): Violation[] {
  const left = unexpectedExits.filter(({ kind }) => kind === "left");
  const bad = unexpectedExits.filter(({ kind }) => kind === "other");
  // A client that ends by itself leaves, and the other is told so.
  const unexplained = left.slice(other.unexpectedExits.length);
  return [...bad, ...unexplained].map(({ why }) => ({ kind: "process", what: why }));
}

/** What each side's client still has to take, and to bring across. */
function whatWaits(endpoints: readonly Endpoint[]): string {
  return endpoints.map(({ side, lines, files }) => {
    const { handed, inFlight } = lines.waiting;
    return [`${side}: handed ${handed}, in flight ${inFlight}`, ...files.waiting].join(", ");
  }).join("; ");
}

type Counts = Map<FaultKind, { drawn: number; hit: number }>;

function emptyCounts(): Counts {
  return new Map();
}

/** Lets everything happen at its time. */
async function playSchedule(
  { schedule, workload, signal, trace }: Plan,
  setup: Setup,
  faults: Counts,
  begun: number,
): Promise<void> {
  const all = [...schedule, ...workload].sort((a, b) => a.at - b.at);
  const sending: Promise<void>[] = [];
  for (const entry of all) {
    await setup.clock.wait(begun + entry.at - setup.clock.now(), signal);
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
function injectFault(entry: Scheduled, { relay, endpoints, proxies }: Setup, faults: Counts): void {
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

/** What a side said and sent. */
async function outcomeOf(side: Side, { endpoints }: Setup, folders: Folders): Promise<SideOutcome> {
  const { lines, files, unexpectedExits } = endpoints[side];
  const found = await filesIn(folders.incoming(otherSide(side)));
  return {
    lines: lines.counts,
    files: files.countsOf(found),
    sessions: endpoints[side].count("secure"),
    unexpectedExits,
    violations: [...lines.audit(), ...files.audit(found)],
  };
}

function elapsed(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}

/** Says now and then how far it is. */
function reportProgress(
  { endpoints, relay, clock }: Setup,
  faults: Counts,
  begun: number,
  progress: (line: string) => void,
): () => void {
  const timer = setInterval(() => {
    const sides = Object.entries(endpoints).map(([side, { lines, files, client }]) => {
      const { taken, arrived } = lines.counts;
      const { handed, inFlight } = lines.waiting;
      const open = files.waiting.length === 0 ? "" : `, files open ${files.waiting.length}`;
      const away = client.current === null ? ", away" : "";
      return `${side} ${arrived} of ${taken} (handed ${handed}, in flight ${inFlight}${open}${away})`;
    });
    const kills = [relay, ...Object.values(endpoints).map(({ client }) => client)]
      .reduce((sum, { killed }) => sum + killed, 0);
    const hit = [...faults.values()].reduce((sum, { hit }) => sum + hit, 0);
    const met = `sessions ${endpoints.alice.count("secure")}`;
    const parts = [...sides, `kills ${kills}`, `faults ${hit}`, met];
    progress(`${elapsed(clock.now() - begun)}: ${parts.join(", ")}`);
  }, PROGRESS);
  return () => clearInterval(timer);
}
