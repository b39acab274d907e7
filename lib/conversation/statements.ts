/**
 * What both sides state in a session, on its way between the session and everybody who wants to know: the archive, the
 * journal, the transfers, and then the subscribers.
 *
 * @module
 */
import type { Delivery } from "../delivery/delivery.ts";
import { isText, offerItem, type OutboxLine } from "../delivery/outbox.ts";
import type { ReceivedItem } from "../delivery/record.ts";
import type { SessionEffect } from "../protocol/session.ts";
import type { Statement } from "../protocol/statement.ts";
import { Archive } from "./archive.ts";
import type { EncounterHost } from "./encounter_host.ts";
import type { Presence } from "./presence.ts";

/** A statement of the peer that is kept and shown. */
export type HeardEffect = Extract<SessionEffect, { type: "message" | "offered" }>;

/** The statements from a place on, up to the first effect that is something else. */
export function leadingStatements(effects: readonly SessionEffect[], from: number): HeardEffect[] {
  const leading: HeardEffect[] = [];
  for (let i = from; i < effects.length; i++) {
    const effect = effects[i]!;
    if (effect.type !== "message" && effect.type !== "offered") break;
    leading.push(effect);
  }
  return leading;
}

/** The statements of one conversation. */
export class Statements {
  /** What was said, for export. */
  readonly archive = new Archive();
  readonly #delivery: Delivery;
  readonly #presence: Presence;
  readonly #host: EncounterHost;
  #shown = 0;

  /** Nothing was said yet. */
  constructor(delivery: Delivery, presence: Presence, host: EncounterHost) {
    this.#delivery = delivery;
    this.#presence = presence;
    this.#host = host;
  }

  /** How many statements of the peer were shown in this session. */
  get shown(): number {
    return this.#shown;
  }

  /** The session is over. */
  part(): void {
    this.#shown = 0;
  }

  /** Archives all statements of one step at once, so that an export finds whole bundles only. */
  record(effects: readonly SessionEffect[]): void {
    const made: Record<"own" | "peer", Statement[]> = { own: [], peer: [] };
    for (const effect of effects) {
      if ("statement" in effect) {
        made[effect.type === "said" ? "own" : "peer"].push(effect.statement);
      }
    }
    if (made.own.length > 0) this.archive.record("own", made.own);
    if (made.peer.length > 0) this.archive.record("peer", made.peer);
  }

  /** Texts and offers of one bundle: in the journal before they are shown, and before they are acknowledged. */
  async heard(effects: readonly HeardEffect[]): Promise<void> {
    const items = effects.map((effect): ReceivedItem => {
      const { signed, statement: { time } } = effect;
      if (effect.type === "offered") return { ...offerItem(effect.offer), time, signed };
      return { kind: "text", body: effect.text, time, signed };
    });
    const peer = this.#delivery.peer!;
    let sequence = await this.#delivery.receive(items);
    for (const effect of effects) {
      this.#shown++;
      if (effect.type === "offered") this.#host.files.offered(peer, effect.offer);
      else {
        const { text, signed, statement: { time } } = effect;
        this.#presence.speak();
        this.#host.report({ type: "message", text, time, sequence, signed });
      }
      sequence++;
    }
    this.#delivery.shown(peer, sequence);
  }

  /** The peer has said goodbye. */
  finished(): void {
    this.#shown++;
    if (!this.#presence.finish()) return;
    this.#host.report({ type: "peer-finished" });
    this.#host.peerFinished();
  }

  /** A statement of ours was sent. */
  said({ statement }: Extract<SessionEffect, { type: "said" }>): void {
    if (statement.kind === "end") return;
    const line = this.#delivery.sent();
    if (isText(line)) this.#host.report({ type: "sent", line });
  }

  /** Lines of ours turn out to have arrived, in this session or in an earlier one. */
  arrived({ count, arrived }: { count: number; arrived: readonly OutboxLine[] }): void {
    this.#host.report({ type: "outbox", lines: this.#delivery.lines });
    this.#host.report({ type: "delivered", count, lines: arrived.filter(isText) });
    for (const line of arrived) {
      if (!isText(line)) this.#host.files.delivered(this.#delivery.peer!, line.text);
    }
  }
}
