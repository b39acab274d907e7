/**
 * The books of one simulated conversation: what was said to whom, what was shown, and whether that fits. A line that
 * was kept arrives once, in order, at the one it was for, and nothing else arrives.
 *
 * @module
 */
import type { ClientEvent } from "../../../lib/conversation/events.ts";
import type { ParleyError } from "../../../lib/errors.ts";

/** Somebody under one key. Who comes back with nothing kept is somebody else. */
export interface Somebody {
  readonly name: string;
  /** Their key in hexadecimal. */
  readonly key: string;
  /** What they have been shown: each line and its place. */
  readonly shown: Map<Line, number>;
  /** The place of the last line that was shown, among its sender's lines. */
  readonly last: Map<Somebody, number>;
  readonly lines: Line[];
  /** Whom they have met, and whether the disk was full when a run began with them: their numbers may be lost. */
  readonly met: Map<Somebody, boolean>;
  /** Whether lines to them, or from them, may be reported as lost: a disk was full, and then the process fell. */
  hasForgotten: boolean;
}

/** Something that was typed. */
export interface Line {
  readonly text: string;
  readonly from: Somebody;
  /** Its place among its sender's lines. */
  readonly place: number;
  /** Whom it is for; `null` until somebody comes. */
  to: Somebody | null;
  /** Whether its sender was told that it is kept. */
  isKept: boolean;
  /** That it is for them is kept in memory alone. */
  isClaimAtRisk: boolean;
  /** Its number in the stream, as it was last sent. */
  number: number | null;
  /** It was kept in memory alone, because the disk was full. */
  isAtRisk: boolean;
  /** It was shown, and that was remembered in memory alone. */
  isShownAtRisk: boolean;
  /** Its sender's process fell while it was at risk, or while it was being handed over: it may not arrive here. */
  mayBeLost: boolean;
  /** Who was shown it fell while that was at risk, or its sender while the stream's name was: it may come again. */
  mayRepeat: boolean;
}

/** One run of somebody's client. */
export interface Run {
  readonly who: Somebody;
  /** Whom it has met last. */
  peer: Somebody | null;
  /** Whom it had met before that one. */
  former: Somebody | null;
  /** Whether somebody has just come, and was not shown yet. */
  readonly isMeeting: boolean;
  /** Whether its disk is behind its memory now. */
  isBehind(): boolean;
}

/** The books found something that must not be. */
export class Violation extends Error {}

/** The books. */
export class Books {
  /** Everybody, by key. */
  readonly #everybody = new Map<string, Somebody>();
  readonly #lines = new Map<string, Line>();
  /** Runs in which something was sent. */
  readonly #agreed = new WeakSet<Run>();
  readonly #expected: readonly string[] | null;
  /** How many events of each kind were shown, for the figures. */
  readonly counts = new Map<string, number>();

  /** Empty books. @param expected the errors that somebody may be told; `null` for any */
  constructor(expected: readonly string[] | null) {
    this.#expected = expected;
  }

  /** Somebody appears. */
  open(name: string, key: string): Somebody {
    const who: Somebody = {
      name,
      key,
      shown: new Map(),
      last: new Map(),
      lines: [],
      met: new Map(),
      hasForgotten: false,
    };
    this.#everybody.set(key, who);
    return who;
  }

  /** A line is typed. */
  type(from: Somebody, text: string): void {
    const line: Line = {
      text,
      from,
      place: from.lines.length,
      to: null,
      isKept: false,
      isClaimAtRisk: false,
      number: null,
      isAtRisk: false,
      isShownAtRisk: false,
      mayBeLost: false,
      mayRepeat: false,
    };
    from.lines.push(line);
    this.#lines.set(text, line);
  }

  /** A process fell, or ended, and what only its memory knew is gone. */
  fall(run: Run): void {
    const { who } = run;
    if (run.isMeeting) {
      // Whoever has just come may have got what was for whoever comes first, before anybody was told.
      for (const line of who.lines) line.mayBeLost ||= line.to === null;
    }
    if (!run.isBehind()) return;
    who.hasForgotten = true;
    for (const line of who.lines) {
      if (line.isAtRisk) line.mayBeLost = true;
      if (line.to !== null && who.met.get(line.to)) line.mayRepeat = true;
      if (!line.isClaimAtRisk) continue;
      // It is again for whoever comes first.
      line.to = null;
      line.mayRepeat = true;
    }
    for (const line of who.shown.keys()) if (line.isShownAtRisk) line.mayRepeat = true;
  }

  /** Somebody's client shows something. */
  show(run: Run, event: ClientEvent): void {
    this.counts.set(event.type, (this.counts.get(event.type) ?? 0) + 1);
    switch (event.type) {
      case "secure":
        return this.#meet(run, this.#everybody.get(hex(event.facts.peerIdentity.bytes))!);
      case "queued":
        return this.#keep(run, this.#lineOf(run.who, event.text), run.peer);
      case "not-sent":
        // What was kept before was booked then. The others waited for their turn while somebody else came.
        for (const line of event.lines.map((text) => this.#lineOf(run.who, text))) {
          if (line.to === null) this.#keep(run, line, run.former);
        }
        return;
      case "sent": {
        const line = this.#lineOf(run.who, event.text);
        if (line.to !== null && line.to !== run.peer) this.#fail(run, line, "sent to another");
        line.number = event.sequence;
        this.#agree(run);
        return;
      }
      case "delivered":
        return this.#deliver(run, event.count);
      case "message":
        return this.#arrive(run, event);
      case "lost":
        if (run.who.hasForgotten || run.peer!.hasForgotten) return;
        throw new Violation(`${run.who.name} is told that ${event.from} to ${event.to} are lost`);
      case "refused":
        return this.#disturb(run, event.error);
      case "error":
        if (event.error.code === "room-full") return;
        if (event.error.code !== "internal" && run.peer === null) {
          return this.#disturb(run, event.error);
        }
        throw new Violation(`${run.who.name} ends: ${event.error.message}`);
    }
  }

  /** At the end: what was kept between two who are still there has arrived. */
  close(a: Somebody, b: Somebody): void {
    for (const [from, to] of [[a, b], [b, a]] as const) {
      for (const line of from.lines) {
        if (!line.isKept || line.to !== to || line.mayBeLost || to.shown.has(line)) continue;
        throw new Violation(`"${line.text}" never arrived`);
      }
    }
  }

  #meet(run: Run, peer: Somebody): void {
    if (run.peer === null) {
      for (const line of run.who.lines) {
        if (line.to === null) line.isClaimAtRisk = run.isBehind();
        line.to ??= peer;
      }
    }
    if (run.peer !== peer) run.former = run.peer;
    run.peer = peer;
    if (!run.who.met.has(peer)) run.who.met.set(peer, run.isBehind());
  }

  /** The first line of a run is sent: what both sides agreed on before may be in memory alone. */
  #agree(run: Run): void {
    const { who, peer } = run;
    if (this.#agreed.has(run) || peer === null) return;
    this.#agreed.add(run);
    who.met.set(peer, who.met.get(peer) === true || run.isBehind());
  }

  #keep(run: Run, line: Line, to: Somebody | null): void {
    line.isKept = true;
    line.to = to;
    line.isAtRisk = run.isBehind();
  }

  #deliver(run: Run, count: number): void {
    for (const line of run.who.lines) {
      const claimed = line.to === run.peer && line.number !== null && line.number < count;
      if (!claimed || line.mayBeLost || run.peer!.shown.has(line)) continue;
      this.#fail(run, line, "is called delivered, and was not shown");
    }
  }

  #arrive(run: Run, { text, sequence, again }: Extract<ClientEvent, { type: "message" }>): void {
    const { who } = run;
    const line = this.#lines.get(text);
    if (line === undefined) throw new Violation(`"${text}" was never said`);
    if (line.to !== null && line.to !== who || line.from === who) {
      this.#fail(run, line, "was for somebody else");
    }
    const before = who.shown.get(line);
    if (before !== undefined) {
      const isRepeat = again && before === sequence || line.mayRepeat;
      if (!isRepeat) this.#fail(run, line, "came twice");
    } else {
      const last = who.last.get(line.from) ?? -1;
      if (line.place < last) this.#fail(run, line, "came out of order");
      who.last.set(line.from, line.place);
    }
    who.shown.set(line, sequence);
    line.isShownAtRisk = run.isBehind();
  }

  /** An error that ends nothing, or what had not begun. */
  #disturb({ who: { name } }: Run, { code, message }: ParleyError): void {
    if (this.#expected?.includes(code) ?? true) return;
    throw new Violation(`${name} is told "${code}: ${message}"`);
  }

  #lineOf(who: Somebody, text: string): Line {
    const line = this.#lines.get(text);
    if (line?.from !== who) throw new Violation(`"${text}" is not ${who.name}'s`);
    return line;
  }

  #fail(run: Run, line: Line, what: string): never {
    throw new Violation(`"${line.text}" ${what} (at ${run.who.name})`);
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
