/**
 * A peer that holds every key of the session and keeps no rule. What it does can't be blamed on the network, so
 * each of these ends the session, with one error and nothing sent.
 */
import { assertEquals } from "@std/assert";
import { type Bytes, concatBytes, utf8 } from "../../lib/crypto/bytes.ts";
import type { SigningKey } from "../../lib/crypto/elgamal.ts";
import { u32 } from "../../lib/protocol/codec.ts";
import { MAX_TEXT_BYTES, MAX_UNSIGNED, MIN_PADDED_BYTES } from "../../lib/protocol/constants.ts";
import { pad } from "../../lib/protocol/padding.ts";
import type { Transition } from "../../lib/protocol/session.ts";
import {
  encodePayload,
  hashStatement,
  signStatement,
  type Statement,
} from "../../lib/protocol/statement.ts";
import {
  effectsOf,
  EPOCH,
  identityOf,
  sealAs,
  securedPair,
  type SessionPair,
  SMALL_GROUP,
  typesOf,
} from "../helpers/session_pair.ts";
import { flipBit, overwrite } from "../helpers/mutants.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { assertFailed } from "./recording.ts";

const random = seededRandom("misbehaving peer");

/** Statements that a client of this library keeps back for their turn. */
const MAX_HELD = 64;

/** The signer: Bob as he should, nobody, or somebody else. */
type Signer = SigningKey | null;

/** Bob's next statement, with changes. He goes on from it as if it were in order. */
async function statementOf(
  conversation: SessionPair,
  changes: Partial<Statement> = {},
  signer: Signer = identityOf("bob", SMALL_GROUP),
): Promise<Statement> {
  const { bob } = conversation.sessions;
  const channel = bob.channel!;
  const { next, previous } = channel.own;
  const { next: seen, previous: answered } = channel.peer;
  const { signature, ...unsigned }: Statement = {
    sequence: next,
    seen,
    time: EPOCH,
    kind: "text",
    body: utf8(`statement ${next}`),
    previous,
    signature: null,
    ...changes,
  };
  const { sessionId } = channel;
  const hash = await hashStatement(
    sessionId,
    identityOf("bob", SMALL_GROUP).publicKey,
    unsigned,
    answered,
  );
  const own = { ...channel.own, next: next + 1, previous: hash };
  conversation.sessions.bob = { ...bob, channel: { ...channel, own } };
  const made = signer === null ? null : await signStatement(signer, hash, random);
  return { ...unsigned, signature: signature ?? made };
}

/** Alice receives a statement that Bob sealed. */
async function hear(conversation: SessionPair, statement: Statement): Promise<Transition> {
  return await receive(
    conversation,
    await sealAs(conversation, "bob", { type: "statement", statement }),
  );
}

/** Alice receives what Bob sealed, and stands where it led her. */
async function receive(conversation: SessionPair, bytes: Bytes): Promise<Transition> {
  const effects = await conversation.receive("alice", "received_message", bytes);
  return { session: conversation.sessions.alice, effects };
}

Deno.test("a statement that answers what was not said, or goes back, ends the session: bad-chain", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "0", "1", "2");
  // Bob has nothing of it yet: what he claims to answer is looked up in what Alice said.
  const fork = conversation.fork();
  for (const seen of [4, 1000, Number.MAX_SAFE_INTEGER]) {
    const other = fork.fork();
    await assertFailed(await hear(other, await statementOf(other, { seen }, null)), "bad-chain");
  }
  await conversation.run();
  await hear(conversation, await statementOf(conversation, {}, null));
  assertEquals(conversation.sessions.bob.channel!.peer.next, 3);
  for (const seen of [0, 1, 2, 4]) {
    const other = conversation.fork();
    await assertFailed(await hear(other, await statementOf(other, { seen }, null)), "bad-chain");
  }
  const { effects } = await hear(conversation, await statementOf(conversation, {}, null));
  assertEquals(typesOf(effects), ["message"]);
});

Deno.test("a signature binds a statement to what it answers", async () => {
  // Bob says "yes" to one question, and later claims, with the same signature, that it was to another.
  const asked = await securedPair();
  await asked.say("alice", "Shall we?");
  await asked.run();
  const answer = await statementOf(asked);
  assertEquals(answer.seen, 1);
  assertEquals(typesOf((await hear(asked.fork(), answer)).effects), ["message"]);
  const other = await securedPair();
  await other.say("alice", "Shall we not?");
  await other.run();
  await statementOf(other);
  await assertFailed(await hear(other, answer), "bad-signature");
});

Deno.test("a statement that does not follow the one before it ends the session: bad-chain", async () => {
  const conversation = await securedPair();
  const first = conversation.fork();
  await assertFailed(
    await hear(first, await statementOf(first, { previous: new Uint8Array(32) })),
    "bad-chain",
  );
  await hear(conversation, await statementOf(conversation));
  const { sessionId, own } = conversation.sessions.bob.channel!;
  for (const previous of [sessionId, flipBit(own.previous, 0), flipBit(own.previous, 31)]) {
    const fork = conversation.fork();
    await assertFailed(await hear(fork, await statementOf(fork, { previous })), "bad-chain");
  }
});

Deno.test("two statements with one sequence number end the session", async () => {
  const conversation = await securedPair();
  await hear(conversation, await statementOf(conversation));
  await hear(conversation, await statementOf(conversation));
  for (const sequence of [0, 1]) {
    const fork = conversation.fork();
    await assertFailed(await hear(fork, await statementOf(fork, { sequence })), "unexpected");
  }
});

Deno.test("two held statements with one sequence number end the session", async () => {
  const conversation = await securedPair({ deniable: true });
  await hear(conversation, await statementOf(conversation, { sequence: 3 }, null));
  await assertFailed(
    await hear(conversation, await statementOf(conversation, { sequence: 3 }, null)),
    "unexpected",
  );
});

Deno.test("64 statements may wait for an earlier one, and are then shown in order; one more is dropped", async () => {
  const conversation = await securedPair({ deniable: true });
  const missing = await statementOf(conversation, {}, null);
  for (let i = 0; i < MAX_HELD; i++) {
    const { effects } = await hear(conversation, await statementOf(conversation, {}, null));
    assertEquals(typesOf(effects), i === 0 ? ["gap"] : []);
  }
  const dropped = await statementOf(conversation, {}, null);
  assertEquals(typesOf((await hear(conversation, dropped)).effects), []);
  const { effects } = await hear(conversation, missing);
  assertEquals(
    effectsOf(effects, "message").map(({ text }) => text),
    Array.from({ length: MAX_HELD + 1 }, (_, i) => `statement ${i}`),
  );
  assertEquals(effects.length, MAX_HELD + 1);
});

Deno.test("a held statement is checked when it is due", async () => {
  const conversation = await securedPair();
  const first = await statementOf(conversation, {}, null);
  const broken = await statementOf(conversation, { previous: new Uint8Array(32) });
  assertEquals(typesOf((await hear(conversation, broken)).effects), ["gap"]);
  await assertFailed(await hear(conversation, first), "bad-chain");
});

Deno.test("a signature that is not Bob's over this statement ends the session: bad-signature", async () => {
  const conversation = await securedPair();
  const genuine = (await statementOf(conversation.fork())).signature!;
  const other = (await statementOf(conversation.fork(), { body: utf8("another") })).signature!;
  const cases: [Partial<Statement>, Signer][] = [
    [{}, identityOf("mallory", SMALL_GROUP)],
    [{}, identityOf("alice", SMALL_GROUP)],
    [{ signature: flipBit(genuine, 767) }, null],
    [{ signature: new Uint8Array(768) }, null],
    [{ signature: other }, null],
  ];
  for (const [changes, signer] of cases) {
    const fork = conversation.fork();
    await assertFailed(await hear(fork, await statementOf(fork, changes, signer)), "bad-signature");
  }
});

Deno.test("a signature over the exchange of keys is none over a statement", async () => {
  const conversation = await securedPair();
  const { sessionId, own } = conversation.sessions.bob.channel!;
  const bob = identityOf("bob", SMALL_GROUP);
  const unsigned = {
    sequence: own.next,
    seen: 0,
    time: EPOCH,
    kind: "text",
    body: utf8("x"),
    previous: own.previous,
  } as const;
  const hash = await hashStatement(sessionId, bob.publicKey, unsigned, sessionId);
  const exchange = await bob.sign("parley-1 key exchange signature", hash, random);
  const genuine = await bob.sign("parley-1 statement signature", hash, random);
  const fork = conversation.fork();
  assertEquals(typesOf((await hear(fork, { ...unsigned, signature: genuine })).effects), [
    "message",
  ]);
  const signature = exchange;
  await assertFailed(await hear(conversation, { ...unsigned, signature }), "bad-signature");
});

Deno.test("31 statements may wait for a signature, and the 32nd brings it or ends the session", async () => {
  const conversation = await securedPair();
  for (let i = 0; i < MAX_UNSIGNED - 1; i++) {
    const { effects } = await hear(conversation, await statementOf(conversation, {}, null));
    assertEquals(effectsOf(effects, "message").map(({ signed }) => signed), [false]);
  }
  const fork = conversation.fork();
  await assertFailed(await hear(fork, await statementOf(fork, {}, null)), "bad-signature");
  const { effects } = await hear(conversation, await statementOf(conversation));
  assertEquals(effectsOf(effects, "covered"), [{ type: "covered", count: MAX_UNSIGNED }]);
  assertEquals(effectsOf(effects, "message").map(({ signed }) => signed), [true]);
});

Deno.test("a goodbye without a signature ends the session", async () => {
  const conversation = await securedPair();
  const goodbye = { kind: "end", body: utf8("") } as const;
  const fork = conversation.fork();
  await assertFailed(await hear(fork, await statementOf(fork, goodbye, null)), "bad-signature");
  // With it everything before is covered, too.
  await hear(conversation, await statementOf(conversation, {}, null));
  const { effects } = await hear(conversation, await statementOf(conversation, goodbye));
  assertEquals(typesOf(effects), ["covered", "peer-finished"]);
});

Deno.test("a statement after the goodbye ends the session, also when it arrives first", async () => {
  const goodbye = { kind: "end", body: utf8("") } as const;
  for (const deniable of [true, false]) {
    const signer = deniable ? null : identityOf("bob", SMALL_GROUP);
    const conversation = await securedPair({ deniable });
    const end = await statementOf(conversation, goodbye, signer);
    for (const more of [{}, goodbye]) {
      const fork = conversation.fork();
      const after = await statementOf(fork, more, signer);
      const [inOrder, reversed] = [fork.fork(), fork];
      await hear(inOrder, end);
      await assertFailed(await hear(inOrder, after), "unexpected");
      await hear(reversed, after);
      await assertFailed(await hear(reversed, end), "unexpected");
    }
  }
});

Deno.test("a receipt may follow the goodbye", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "still here");
  await conversation.input("bob", { type: "finish" });
  await conversation.settle();
  assertEquals(effectsOf(conversation.effects.alice, "delivered"), [{
    type: "delivered",
    count: 1,
  }]);
});

Deno.test("a signature in a deniable session ends it", async () => {
  const conversation = await securedPair({ deniable: true });
  await assertFailed(await hear(conversation, await statementOf(conversation)), "payload.signed");
});

Deno.test("a receipt for more than was said ends the session", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "one", "two");
  for (const count of [3, Number.MAX_SAFE_INTEGER]) {
    const fork = conversation.fork();
    await assertFailed(
      await receive(fork, await sealAs(fork, "bob", { type: "receipt", count })),
      "payload.count",
    );
  }
  const { effects } = await receive(
    conversation,
    await sealAs(conversation, "bob", { type: "receipt", count: 2 }),
  );
  assertEquals(effects, [{ type: "delivered", count: 2 }]);
});

Deno.test("a text that is no UTF-8 ends the session", async () => {
  const conversation = await securedPair();
  const bodies = [[0xff], [0xed, 0xa0, 0x80], [0x61, 0x80]];
  for (const body of bodies) {
    const fork = conversation.fork();
    const statement = await statementOf(fork, { body: Uint8Array.from(body) });
    await assertFailed(await hear(fork, statement), "payload.body");
  }
});

Deno.test("a payload that keeps no form ends the session, and the error names the field", async () => {
  const conversation = await securedPair({ deniable: true });
  const statement = await statementOf(conversation.fork(), {}, null);
  const good = encodePayload({ type: "statement", statement });
  const faults: [Bytes, Parameters<typeof assertFailed>[1]][] = [
    [new Uint8Array(MIN_PADDED_BYTES), "payload.padding"],
    [pad(new Uint8Array()), "payload.type"],
    [pad(Uint8Array.of(3)), "payload.stream"],
    [pad(overwrite(good, 58, Uint8Array.of(2))), "payload.signed"],
    [pad(overwrite(good, 59, u32(MAX_TEXT_BYTES + 1))), "payload.length"],
  ];
  for (const [padded, field] of faults) {
    const fork = conversation.fork();
    await assertFailed(await receive(fork, await sealAs(fork, "bob", padded)), field);
  }
  const longer = pad(concatBytes(good, new Uint8Array(1)));
  const effects = (await receive(conversation, await sealAs(conversation, "bob", longer))).effects;
  assertEquals(effectsOf(effects, "failed")[0]?.error.code, "malformed");
});
