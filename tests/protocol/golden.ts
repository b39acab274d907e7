/**
 * Two whole conversations under seeded randomness, a fixed clock and the toy KEM, written down byte for byte
 * in tests/golden/conversations.json. A change of the wire, or of the order in which randomness is drawn,
 * shows there. If it is wanted:
 *
 *     deno run --allow-write=tests/golden tests/protocol/golden.ts
 *
 * @module
 */
import type { SessionEffect } from "../../lib/protocol/session.ts";
import type { HandshakeOptions } from "../../lib/protocol/handshake.ts";
import { newSession, type OwnItem, type SessionInput } from "../../lib/protocol/session.ts";
import {
  effectsOf,
  environmentOf,
  type Name,
  NAMES,
  optionsOf,
  SessionPair,
} from "../helpers/session_pair.ts";
import { newResume } from "../../lib/protocol/signal.ts";
import { insecureToyKem } from "../helpers/toy_kem.ts";

/** A conversation as it is kept. */
export interface GoldenConversation {
  /** What is special about it. */
  readonly title: string;
  /** Names the session, hexadecimal. */
  readonly sessionId: string;
  /** Sixty digits. */
  readonly safetyNumber: string;
  /** Each input, and behind it what it brought about; `#3` is `sent[3]`. */
  readonly log: readonly string[];
  /** Everything that was sent, in order, hexadecimal. */
  readonly sent: readonly string[];
}

/** What happens, one step after another. */
type Script = (stage: Stage) => Promise<void>;

/** A conversation that writes down what happens. */
class Stage {
  readonly world: SessionPair;
  readonly log: string[] = [];
  #sent = 0;

  constructor(seed: string, options: Partial<HandshakeOptions>) {
    const environment = (name: Name) => {
      const { random, now } = environmentOf(`golden ${seed} ${name}`);
      return { random, now, kem: insecureToyKem(random) };
    };
    const session = (name: Name) => newSession(optionsOf(name, options));
    this.world = new SessionPair(
      { alice: session("alice"), bob: session("bob") },
      { alice: environment("alice"), bob: environment("bob") },
    );
  }

  async input(name: Name, input: SessionInput): Promise<void> {
    const effects = await this.world.input(name, input);
    const what = input.type === "receive" ? input.event : input.type;
    this.log.push(
      [`${name} ${what}:`, ...effects.map((effect) => this.#describe(effect))].join(" "),
    );
  }

  /** Delivers all that is on the way, and what comes of it. */
  async run(): Promise<void> {
    const { inbound } = this.world;
    while (NAMES.some((name) => inbound[name].length > 0)) {
      for (const name of NAMES) if (inbound[name].length > 0) await this.deliver(name);
    }
  }

  async deliver(name: Name, index = 0): Promise<void> {
    const [{ event, payload }] = this.world.inbound[name].splice(index, 1) as [never];
    await this.input(name, { type: "receive", event, payload });
  }

  /** Each begins with its `resume`. */
  async begin(): Promise<void> {
    for (const name of NAMES) {
      await this.send(name, newResume(this.world.environments[name].random));
    }
    await this.run();
  }

  async send(name: Name, ...items: OwnItem[]): Promise<void> {
    await this.input(name, { type: "send", items });
  }

  async say(name: Name, ...texts: string[]): Promise<void> {
    await this.send(name, ...texts.map((text) => this.world.statement(name, "text", text)));
  }

  async finish(name: Name): Promise<void> {
    await this.send(name, this.world.statement(name, "end", ""));
  }

  #describe(effect: SessionEffect): string {
    switch (effect.type) {
      case "emit":
        return `${effect.event}#${this.#sent++}`;
      case "step":
        return effect.step;
      case "message":
        return `message(${JSON.stringify(effect.text)}${effect.signed ? ", signed" : ""})`;
      case "delivered":
        return `${effect.type}(${effect.count})`;
      default:
        return effect.type;
    }
  }
}

const SCRIPTS: readonly [title: string, Partial<HandshakeOptions>, Script][] = [
  ["signed", {}, async (stage) => {
    for (const name of NAMES) await stage.input(name, { type: "start" });
    await stage.run();
    await stage.begin();
    await stage.say("alice", "said first");
    await stage.run();
    await stage.say("bob", "two in", "one burst");
    await stage.say("alice", "crossing");
    await stage.run();
    await stage.input("alice", { type: "idle" });
    await stage.finish("bob");
    await stage.deliver("alice");
    await stage.finish("alice");
    await stage.run();
    for (const name of NAMES) await stage.input(name, { type: "idle" });
    await stage.run();
    for (const name of NAMES) await stage.input(name, { type: "peer-left" });
  }],
  [
    "deniable, with an invite code",
    { deniable: true, code: "7-quiet-harbor-lantern" },
    async (stage) => {
      await stage.input("bob", { type: "start" });
      await stage.run();
      await stage.begin();
      for (const text of ["0", "1", "2"]) await stage.say("bob", text);
      await stage.deliver("alice", 2);
      await stage.deliver("alice", 1);
      await stage.deliver("alice");
      await stage.input("alice", { type: "idle" });
      await stage.run();
      await stage.input("bob", { type: "peer-left" });
    },
  ],
];

/** Plays and writes down every conversation. */
export async function recordConversations(): Promise<GoldenConversation[]> {
  const recorded: GoldenConversation[] = [];
  for (const [title, options, script] of SCRIPTS) {
    const stage = new Stage(title, options);
    await script(stage);
    const [facts] = effectsOf(stage.world.effects.alice, "secure");
    recorded.push({
      title,
      sessionId: facts!.sessionId.toHex(),
      safetyNumber: facts!.safetyNumber,
      log: stage.log,
      sent: stage.world.posted.map(({ payload }) => (payload as Uint8Array).toHex()),
    });
  }
  return recorded;
}

if (import.meta.main) {
  const path = new URL("../golden/conversations.json", import.meta.url);
  await Deno.writeTextFile(path, JSON.stringify(await recordConversations(), null, 2) + "\n");
}
