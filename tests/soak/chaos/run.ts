/**
 * One run: a relay, two clients, a proxy between each of them and the relay, and a schedule of what goes wrong.
 *
 * @module
 */
import { Bell } from "./bell.ts";
import { Chance } from "./chance.ts";
import { type Clock, REAL_CLOCK } from "./clock.ts";
import { type FaultKind, type Kill, otherSide, type Scheduled, type Side, SIDES } from "./fault.ts";
import { type FileCounts, filesIn } from "./file_books.ts";
import type { LedgerCounts } from "./ledger.ts";
import { type Accident, Person } from "./person.ts";
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
  /** Is told how far it is. */
  readonly tell: (line: string) => void;
  /** Is told everything that may explain a fault. */
  readonly note: (line: string) => void;
}

/** How often a fault of a kind was to happen, and how often it met bytes or a connection. */
export interface FaultCount {
  /** In the schedule. */
  readonly drawn: number;
  /** Met something. */
  readonly felt: number;
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
  readonly accidents: readonly Accident[];
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
interface Stage {
  readonly relay: Service;
  /** How the relay ended by itself. */
  readonly relayEnds: readonly string[];
  readonly proxies: Readonly<Record<Side, Proxy>>;
  readonly people: Readonly<Record<Side, Person>>;
  readonly bell: Bell;
  readonly clock: Clock;
}

/**
 * Plays a plan. Every process is gone when this returns or throws.
 *
 * @throws {Error} when it can't begin, or is ended early
 */
export async function play(plan: Plan): Promise<Outcome> {
  const clock = REAL_CLOCK;
  const bell = new Bell(clock);
  const folders = await makeFolders(plan.folder, SIDES);
  for (const side of SIDES) await makeProfile(folders, side, clock, plan.signal);
  const port = stablePort();
  const listening = Promise.withResolvers<void>();
  const relayEnds: string[] = [];
  await using relay = new Service({
    start: () => startRelay(folders, port, () => listening.resolve()),
    onGone: ({ code, stderr }, wasKilled) => {
      if (wasKilled) return;
      relayEnds.push(`the relay ended with code ${code}: ${stderr}`);
      plan.note(relayEnds.at(-1)!);
    },
    clock,
  });
  await Promise.race([listening.promise, clock.wait(MEETING, plan.signal)]);
  await using alicesLine = new Proxy({ target: port, chance: new Chance("alice's jitter") });
  await using bobsLine = new Proxy({ target: port, chance: new Chance("bob's jitter") });
  const proxies = { alice: alicesLine, bob: bobsLine };
  const person = (side: Side) =>
    new Person({
      ...hands(plan, folders, side, proxies[side].port),
      clock,
      changed: () => bell.ring(),
    });
  await using alice = person("alice");
  await using bob = person("bob");
  alice.meets(bob);
  bob.meets(alice);
  return await perform(plan, folders, {
    relay,
    relayEnds,
    proxies,
    people: { alice, bob },
    bell,
    clock,
  });
}

/** How a side's client is started, and what it is given to say and to send. */
function hands({ seed, note }: Plan, folders: Folders, side: Side, port: number) {
  return {
    side,
    start: (onLine: (line: string) => void) =>
      startClient(folders, side, { port, onLine, more: CLIENT_OPTIONS }),
    lineOf: (number: number) => lineOf(seed, side, number),
    bytesOf: (name: string, length: number) => new Chance(`${seed}: ${name}`).bytes(length),
    outgoing: folders.outgoing(side),
    note,
  };
}

/** What the clients take beside a place and a name. */
const CLIENT_OPTIONS: readonly string[] = ["--accept-files"];

/** Plays on a stage that is set. */
async function perform(plan: Plan, folders: Folders, stage: Stage): Promise<Outcome> {
  const { people, bell, clock, relay, proxies } = stage;
  const { signal, tell } = plan;
  const both = Object.values(people);
  const violations: Violation[] = [];
  const areMet = () => both.every((person) => person.count("secure") > 0);
  if (!await bell.until(areMet, MEETING, signal)) {
    signal.throwIfAborted();
    const why = both.flatMap(({ accidents }) => accidents.map(({ why }) => why));
    throw new Error(["the two did not meet", ...why].join("\n"));
  }
  const begun = clock.now();
  const faults = emptyCounts();
  const stopTelling = reportProgress(stage, faults, begun, tell);
  try {
    await goThrough(plan, stage, faults, begun);
    tell(`${elapsed(clock.now() - begun)}: no more faults; everything has to arrive now`);
    for (const proxy of Object.values(proxies)) proxy.heal();
    if (!await settle(stage, folders, signal)) {
      violations.push({ kind: "stuck", what: `waits: ${whatWaits(both)}` });
    }
  } finally {
    stopTelling();
  }
  const took = clock.now() - begun;
  await Promise.race([
    Promise.all(both.map((person) => person.leave())),
    clock.wait(LEAVING, signal),
  ]);
  for (const [side, { exitCode, client }] of Object.entries(people)) {
    if (client.current !== null) violations.push({ kind: "stuck", what: `${side} did not leave` });
    else if (exitCode !== 0) {
      violations.push({ kind: "process", what: `${side} left with code ${exitCode}` });
    }
  }
  violations.push(
    ...accidentsOf(people.alice, people.bob),
    ...accidentsOf(people.bob, people.alice),
  );
  const sides = {
    alice: await outcomeOf("alice", stage, folders),
    bob: await outcomeOf("bob", stage, folders),
  };
  const wrong = Object.values(sides).flatMap(({ violations }) => violations);
  return {
    violations: [...wrong, ...violations],
    sides,
    kills: {
      relay: relay.killed,
      alice: people.alice.client.killed,
      bob: people.bob.client.killed,
    },
    faults,
    times: both.flatMap(({ books }) => books.times),
    took,
  };
}

/** Waits until everything has arrived; `false` when that takes too long. */
async function settle(
  { people, bell, clock }: Stage,
  folders: Folders,
  signal: AbortSignal,
): Promise<boolean> {
  const both = Object.values(people);
  const isSettled = () => both.every((person) => person.settled);
  const end = clock.now() + SETTLING;
  while (!await bell.until(isSettled, LOOK, signal)) {
    signal.throwIfAborted();
    if (clock.now() > end) return false;
    for (const { side, files } of both) {
      files.look(await filesIn(folders.incoming(otherSide(side))));
    }
  }
  return true;
}

/** Ends of a client for which there is no good reason. */
function accidentsOf({ accidents }: Person, other: Person): Violation[] {
  const left = accidents.filter(({ kind }) => kind === "left");
  const bad = accidents.filter(({ kind }) => kind === "other");
  // Who ends by itself leaves, and the other is told so.
  const unexplained = left.slice(other.accidents.length);
  return [...bad, ...unexplained].map(({ why }) => ({ kind: "process", what: why }));
}

/** What each side's client still has to take, and to bring across. */
function whatWaits(people: readonly Person[]): string {
  return people.map(({ side, books, files }) => {
    const { handed, underway } = books.waiting;
    return [`${side}: handed ${handed}, under way ${underway}`, ...files.waiting].join(", ");
  }).join("; ");
}

type Counts = Map<FaultKind, { drawn: number; felt: number }>;

function emptyCounts(): Counts {
  return new Map();
}

/** Lets everything happen at its time. */
async function goThrough(
  { schedule, workload, signal, note }: Plan,
  stage: Stage,
  faults: Counts,
  begun: number,
): Promise<void> {
  const all = [...schedule, ...workload].sort((a, b) => a.at - b.at);
  const sending: Promise<void>[] = [];
  for (const entry of all) {
    await stage.clock.wait(begun + entry.at - stage.clock.now(), signal);
    signal.throwIfAborted();
    if ("lines" in entry) stage.people[entry.side].say(entry.lines);
    else if ("file" in entry) sending.push(stage.people[entry.side].send(entry.file.bytes));
    else {
      note(describe(entry));
      strike(entry, stage, faults);
    }
  }
  await Promise.all(sending);
}

/** Lets one thing go wrong. */
function strike(entry: Scheduled, { relay, people, proxies }: Stage, faults: Counts): void {
  if ("kill" in entry) {
    const { target, pause } = entry.kill;
    return (target === "relay" ? relay : people[target].client).kill(pause);
  }
  const { fault, side } = entry;
  const count = faults.get(fault.kind) ?? { drawn: 0, felt: 0 };
  faults.set(fault.kind, count);
  count.drawn++;
  let wasFelt = false;
  proxies[side].suffer(fault, () => {
    if (!wasFelt) count.felt++;
    wasFelt = true;
  });
}

/** What a side said and sent. */
async function outcomeOf(side: Side, { people }: Stage, folders: Folders): Promise<SideOutcome> {
  const { books, files, accidents } = people[side];
  const found = await filesIn(folders.incoming(otherSide(side)));
  return {
    lines: books.counts,
    files: files.countsOf(found),
    sessions: people[side].count("secure"),
    accidents,
    violations: [...books.audit(), ...files.audit(found)],
  };
}

function elapsed(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}

/** Says now and then how far it is. */
function reportProgress(
  { people, relay, clock }: Stage,
  faults: Counts,
  begun: number,
  tell: (line: string) => void,
): () => void {
  const timer = setInterval(() => {
    const sides = Object.entries(people).map(([side, { books, files, client }]) => {
      const { taken, arrived } = books.counts;
      const { handed, underway } = books.waiting;
      const open = files.waiting.length === 0 ? "" : `, files open ${files.waiting.length}`;
      const away = client.current === null ? ", away" : "";
      return `${side} ${arrived} of ${taken} (handed ${handed}, under way ${underway}${open}${away})`;
    });
    const kills = [relay, ...Object.values(people).map(({ client }) => client)]
      .reduce((sum, { killed }) => sum + killed, 0);
    const felt = [...faults.values()].reduce((sum, { felt }) => sum + felt, 0);
    const met = `sessions ${people.alice.count("secure")}`;
    const parts = [...sides, `kills ${kills}`, `faults ${felt}`, met];
    tell(`${elapsed(clock.now() - begun)}: ${parts.join(", ")}`);
  }, PROGRESS);
  return () => clearInterval(timer);
}
