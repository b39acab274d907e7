/**
 * The test oracle of one simulated conversation: which lines were said to which identity, which were shown, and
 * whether that fits. A line that was kept arrives once, in order, at its addressee, and nothing else arrives.
 */
import type { ConversationEvent } from "../../../lib/conversation/events.ts";
import { toHex } from "../../../lib/crypto/bytes.ts";
import type { ParleyError } from "../../../lib/errors.ts";

/** One key and its owner. A participant that keeps nothing gets another one at each start. */
export interface Identity {
  readonly name: string;
  /** Their key in hexadecimal. */
  readonly key: string;
  /** What they have been shown: each line and its place. */
  readonly shown: Map<Line, number>;
  /** The place of the last line that was shown, among its sender's lines. */
  readonly last: Map<Identity, number>;
  readonly lines: Line[];
  /** The peers met so far, and whether the disk was full when a run began with them: their numbers may be lost. */
  readonly met: Map<Identity, boolean>;
  /** Whether lines to them, or from them, may be reported as lost: a disk was full, and then the process crashed. */
  hasForgotten: boolean;
}

/** Something that was typed. */
export interface Line {
  readonly text: string;
  readonly from: Identity;
  /** Its place among its sender's lines. */
  readonly place: number;
  /** The addressee; `null` until a peer comes. */
  to: Identity | null;
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
  /** Its sender's process crashed while it was at risk, or while it was being handed over: it may not arrive here. */
  mayBeLost: boolean;
  /** Its reader crashed while that was at risk, or its sender while the stream's name was: it may come again. */
  mayRepeat: boolean;
}

/** One run of a client. */
export interface Run {
  readonly identity: Identity;
  /** The last peer it has met. */
  peer: Identity | null;
  /** The peer before that one. */
  former: Identity | null;
  /** Whether a peer has just come, and was not shown yet. */
  readonly isMeeting: boolean;
  /** Whether its disk is behind its memory now. */
  isBehind(): boolean;
}

/** The oracle found something that must not be. */
export class Violation extends Error {}

export class Oracle {
  readonly #identities = new Map<string, Identity>();
  readonly #lines = new Map<string, Line>();
  /** Runs in which something was sent. */
  readonly #agreed = new WeakSet<Run>();
  readonly #expected: readonly string[] | null;
  /** How many events of each kind were shown, for the figures. */
  readonly counts = new Map<string, number>();

  /** An oracle that has seen nothing. @param expected the errors that may be reported; `null` for any */
  constructor(expected: readonly string[] | null) {
    this.#expected = expected;
  }

  open(name: string, key: string): Identity {
    const identity: Identity = {
      name,
      key,
      shown: new Map(),
      last: new Map(),
      lines: [],
      met: new Map(),
      hasForgotten: false,
    };
    this.#identities.set(key, identity);
    return identity;
  }

  type(from: Identity, text: string): void {
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

  /** A process crashed, or ended, and what only its memory knew is gone. */
  crash(run: Run): void {
    const { identity } = run;
    if (run.isMeeting) {
      // Whoever has just come may have got what was for whoever comes first, before that was shown.
      for (const line of identity.lines) line.mayBeLost ||= line.to === null;
    }
    if (!run.isBehind()) return;
    identity.hasForgotten = true;
    for (const line of identity.lines) {
      if (line.isAtRisk) line.mayBeLost = true;
      if (line.to !== null && identity.met.get(line.to)) line.mayRepeat = true;
      if (!line.isClaimAtRisk) continue;
      // It is again for whoever comes first.
      line.to = null;
      line.mayRepeat = true;
    }
    for (const line of identity.shown.keys()) if (line.isShownAtRisk) line.mayRepeat = true;
  }

  show(run: Run, event: ConversationEvent): void {
    if (event.type === "outbox" || event.type === "wire") return;
    this.counts.set(event.type, (this.counts.get(event.type) ?? 0) + 1);
    switch (event.type) {
      case "secure":
        return this.#meet(run, this.#identities.get(toHex(event.facts.peerIdentity.bytes))!);
      case "queued":
        return this.#keep(run, this.#lineOf(run.identity, event.line.text), run.peer);
      case "not-sent":
        // What was kept before was noted then. The others waited for their turn while another peer came.
        for (const line of event.lines.map((text) => this.#lineOf(run.identity, text))) {
          if (line.to === null) this.#keep(run, line, run.former);
        }
        return;
      case "sent": {
        const line = this.#lineOf(run.identity, event.line.text);
        if (line.to !== null && line.to !== run.peer) this.#fail(run, line, "sent to another");
        line.number = event.line.sequence;
        this.#agree(run);
        return;
      }
      case "delivered":
        return this.#deliver(run, event.count);
      case "message":
        return this.#arrive(run, event);
      case "lost":
        if (run.identity.hasForgotten || run.peer!.hasForgotten) return;
        throw new Violation(`${run.identity.name} reports ${event.from} to ${event.to} as lost`);
      case "refused":
        return this.#disturb(run, event.error);
      case "error":
        if (event.error.code === "room-full") return;
        if (event.error.code !== "internal" && run.peer === null) {
          return this.#disturb(run, event.error);
        }
        throw new Violation(`${run.identity.name} ends: ${event.error.message}`);
    }
  }

  /** At the end: what was kept between two who are still there has arrived. */
  close(a: Identity, b: Identity): void {
    for (const [from, to] of [[a, b], [b, a]] as const) {
      for (const line of from.lines) {
        if (!line.isKept || line.to !== to || line.mayBeLost || to.shown.has(line)) continue;
        throw new Violation(`"${line.text}" never arrived`);
      }
    }
  }

  #meet(run: Run, peer: Identity): void {
    if (run.peer === null) {
      for (const line of run.identity.lines) {
        if (line.to === null) line.isClaimAtRisk = run.isBehind();
        line.to ??= peer;
      }
    }
    if (run.peer !== peer) run.former = run.peer;
    run.peer = peer;
    if (!run.identity.met.has(peer)) run.identity.met.set(peer, run.isBehind());
  }

  /** The first line of a run is sent: what both sides agreed on before may be in memory alone. */
  #agree(run: Run): void {
    const { identity, peer } = run;
    if (this.#agreed.has(run) || peer === null) return;
    this.#agreed.add(run);
    identity.met.set(peer, identity.met.get(peer) === true || run.isBehind());
  }

  #keep(run: Run, line: Line, to: Identity | null): void {
    line.isKept = true;
    line.to = to;
    line.isAtRisk = run.isBehind();
  }

  #deliver(run: Run, count: number): void {
    for (const line of run.identity.lines) {
      const claimed = line.to === run.peer && line.number !== null && line.number < count;
      if (!claimed || line.mayBeLost || run.peer!.shown.has(line)) continue;
      this.#fail(run, line, "is called delivered, and was not shown");
    }
  }

  #arrive(
    run: Run,
    { text, sequence, again }: Extract<ConversationEvent, { type: "message" }>,
  ): void {
    const { identity } = run;
    const line = this.#lines.get(text);
    if (line === undefined) throw new Violation(`"${text}" was never said`);
    if (line.to !== null && line.to !== identity || line.from === identity) {
      this.#fail(run, line, "was for another");
    }
    const before = identity.shown.get(line);
    if (before !== undefined) {
      const isRepeat = again && before === sequence || line.mayRepeat;
      if (!isRepeat) this.#fail(run, line, "came twice");
    } else {
      const last = identity.last.get(line.from) ?? -1;
      if (line.place < last) this.#fail(run, line, "came out of order");
      identity.last.set(line.from, line.place);
    }
    identity.shown.set(line, sequence);
    line.isShownAtRisk = run.isBehind();
  }

  /** An error that ends nothing, or what had not begun. */
  #disturb({ identity: { name } }: Run, { code, message }: ParleyError): void {
    if (this.#expected?.includes(code) ?? true) return;
    throw new Violation(`${name} reports "${code}: ${message}"`);
  }

  #lineOf(identity: Identity, text: string): Line {
    const line = this.#lines.get(text);
    if (line?.from !== identity) throw new Violation(`"${text}" is not ${identity.name}'s`);
    return line;
  }

  #fail(run: Run, line: Line, what: string): never {
    throw new Violation(`"${line.text}" ${what} (at ${run.identity.name})`);
  }
}
