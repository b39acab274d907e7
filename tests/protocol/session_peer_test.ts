/**
 * A peer that holds every key of the session and keeps no rule. What it does can't be blamed on the network, so
 * each of these ends the session, with one error and nothing sent. The rules one by one are in bundle_order_test.ts.
 */
import { assert, assertEquals } from "@std/assert";
import { type Bytes, concatBytes, utf8 } from "../../lib/crypto/bytes.ts";
import type { SigningKey } from "../../lib/crypto/elgamal.ts";
import {
  type Bundle,
  type BundleItem,
  encodeBundle,
  isStatement,
  type StatementItem,
} from "../../lib/protocol/bundle.ts";
import { MAX_HELD_BUNDLES } from "../../lib/protocol/bundle_order.ts";
import { MAX_BUNDLE_ITEMS, MIN_PADDED_BYTES } from "../../lib/protocol/constants.ts";
import { addHeads, headAt, lastHead } from "../../lib/protocol/heads.ts";
import { pad } from "../../lib/protocol/padding.ts";
import type { Transition } from "../../lib/protocol/session.ts";
import { newResume } from "../../lib/protocol/signal.ts";
import { hashStatement, signStatement } from "../../lib/protocol/statement.ts";
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
const BOB = identityOf("bob", SMALL_GROUP);

/** The signer: Bob as he should, nobody, or somebody else. */
type Signer = SigningKey | null;

/** A text of Bob's, or what he claims to be one. */
function text(changes: Partial<StatementItem> = {}): StatementItem {
  return { type: "text", seen: 0, time: EPOCH, body: utf8("x"), ...changes };
}

const END = text({ type: "end", body: utf8("") });

/** Bob's next bundle, signed over its last statement but `back`. He goes on from it as if it were in order. */
async function bundleOf(
  conversation: SessionPair,
  items: readonly BundleItem[],
  signer: Signer = BOB,
  back = 0,
): Promise<Partial<Bundle>> {
  const { bob } = conversation.sessions;
  const channel = bob.channel!;
  let { count: sequence, hash: previous } = lastHead(channel.ownHeads);
  const hashes: Bytes[] = [];
  for (const item of items.filter(isStatement)) {
    const { type: kind, seen, time, body } = item;
    const statement = { sequence: sequence++, seen, time, kind, body, previous };
    const answered = headAt(channel.peerHeads, Math.min(seen, channel.peer.next));
    previous = await hashStatement(channel.sessionId, BOB.publicKey, statement, answered);
    hashes.push(previous);
  }
  const ownHeads = addHeads(channel.ownHeads, hashes);
  const own = { ...channel.own, next: sequence };
  conversation.sessions.bob = { ...bob, channel: { ...channel, ownHeads, own } };
  const signature = signer === null || hashes.length === 0
    ? null
    : await signStatement(signer, hashes.at(-1 - back)!, random);
  return { items, signature };
}

/** Alice receives what Bob sealed, and stands where it led her. */
async function hear(
  conversation: SessionPair,
  sealed: Partial<Bundle> | Bytes,
): Promise<Transition> {
  const bytes = await sealAs(conversation, "bob", sealed);
  const effects = await conversation.receive("alice", "received_message", bytes);
  return { session: conversation.sessions.alice, effects };
}

Deno.test("a signature that is not Bob's over this bundle's last statement ends the session: bad-signature", async () => {
  const conversation = await securedPair();
  const genuine = (await bundleOf(conversation.fork(), [text()])).signature!;
  const other = (await bundleOf(conversation.fork(), [text({ time: 1 })])).signature!;
  for (const signer of [identityOf("mallory", SMALL_GROUP), identityOf("alice", SMALL_GROUP)]) {
    const fork = conversation.fork();
    await assertFailed(await hear(fork, await bundleOf(fork, [text()], signer)), "bad-signature");
  }
  for (const signature of [flipBit(genuine, 767), new Uint8Array(768), other]) {
    await assertFailed(
      await hear(conversation.fork(), { items: [text()], signature }),
      "bad-signature",
    );
  }
  await assertFailed(
    await hear(conversation.fork(), { items: [text()], signature: null }),
    "bad-signature",
  );
  const over = conversation.fork();
  await assertFailed(
    await hear(over, await bundleOf(over, [text(), text()], BOB, 1)),
    "bad-signature",
  );
  const { effects } = await hear(conversation, { items: [text()], signature: genuine });
  assertEquals(typesOf(effects), ["message"]);
});

Deno.test("a signature over the exchange of keys is none over a statement", async () => {
  const conversation = await securedPair();
  const fork = conversation.fork();
  await bundleOf(fork, [text()]);
  const { hash } = lastHead(fork.sessions.bob.channel!.ownHeads);
  const signature = await BOB.sign("parley-1 key exchange signature", hash, random);
  await assertFailed(await hear(conversation, { items: [text()], signature }), "bad-signature");
});

Deno.test("a signature binds a statement to what it answers", async () => {
  // Bob says "yes" to one question, and later claims, with the same signature, that it was to another.
  const asked = await securedPair();
  await asked.say("alice", "Shall we?");
  await asked.run();
  const yes = [text({ seen: 1 })];
  const answer = await bundleOf(asked, yes);
  const other = await securedPair();
  await other.say("alice", "Shall we not?");
  await other.run();
  await assertFailed(await hear(other, answer), "bad-signature");
  // The line that he typed before the question came is no answer to it either.
  const early = asked.fork();
  await assertFailed(
    await hear(early, { items: [text({ seen: 0 })], signature: answer.signature! }),
    "bad-signature",
  );
  assertEquals(typesOf((await hear(asked, answer)).effects), ["delivered", "message"]);
});

Deno.test("one statement out of a thousand that goes back spoils the bundle: nothing is shown or acknowledged", async () => {
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "0", "1");
  await conversation.run();
  const before = conversation.fork();
  const good = Array.from({ length: MAX_BUNDLE_ITEMS - 1 }, () => text({ seen: 2 }));
  for (const seen of [1, 3, Number.MAX_SAFE_INTEGER]) {
    const fork = before.fork();
    await assertFailed(
      await hear(fork, await bundleOf(fork, [...good, text({ seen })], null)),
      "bad-chain",
    );
    assertEquals(fork.textsShownTo("alice"), []);
    assertEquals(await fork.input("alice", { type: "idle" }), []);
  }
  const { effects } = await hear(
    before,
    await bundleOf(before, [...good, text({ seen: 2 })], null),
  );
  // Its receipt, and all of it.
  assertEquals(typesOf(effects), ["delivered", ...Array(MAX_BUNDLE_ITEMS).fill("message")]);
});

Deno.test("a resume that is late, second or missing, a receipt for what was not said, and an item after the end end the session", async () => {
  const resume = newResume(random);
  const conversation = await securedPair({ deniable: true });
  await conversation.say("alice", "one", "two");
  const faults: [Partial<Bundle>, Parameters<typeof assertFailed>[1]][] = [
    [{ items: [resume] }, "payload.type"],
    [{ items: [text(), resume] }, "payload.type"],
    [{ received: 3 }, "payload.received"],
    [{ received: Number.MAX_SAFE_INTEGER }, "payload.received"],
    [{ items: [END, text()] }, "unexpected"],
    [{ items: [text()], signature: new Uint8Array(768) }, "payload.signature"],
    [{ number: 0, items: [resume] }, "unexpected"],
  ];
  for (const [bundle, code] of faults) {
    await assertFailed(await hear(conversation.fork(), bundle), code);
  }
  const over = conversation.fork();
  await hear(over, { items: [END] });
  for (const items of [[text()], [END], [{ type: "file-query", id: resume.stream } as const]]) {
    await assertFailed(await hear(over.fork(), { items }), "unexpected");
  }
  assertEquals((await hear(over, { received: 2 })).effects, [{ type: "delivered", count: 2 }]);
  assertEquals((await hear(over, { received: 2 })).effects, []);
});

Deno.test("a bundle's number that comes again ends the session, whether it was applied or is held", async () => {
  const conversation = await securedPair({ deniable: true });
  await hear(conversation, { items: [text()] });
  for (const number of [0, 1]) {
    await assertFailed(await hear(conversation.fork(), { number }), "unexpected");
  }
  assertEquals(typesOf((await hear(conversation, { number: 3 })).effects), ["gap"]);
  await assertFailed(await hear(conversation.fork(), { number: 3 }), "unexpected");
});

Deno.test("64 bundles may wait for an earlier one, and are then applied in order; one further ahead is dropped", async () => {
  const conversation = await securedPair({ deniable: true });
  const missing = await sealAs(conversation, "bob", { items: [text({ body: utf8("0") })] });
  for (let i = 1; i <= MAX_HELD_BUNDLES + 1; i++) {
    const { effects } = await hear(conversation, { items: [text({ body: utf8(String(i)) })] });
    assertEquals(typesOf(effects), ["gap"]);
  }
  const effects = await conversation.receive("alice", "received_message", missing);
  assertEquals(
    effectsOf(effects, "message").map(({ text }) => text),
    Array.from({ length: MAX_HELD_BUNDLES + 1 }, (_, i) => String(i)),
  );
  assertEquals(effects.length, MAX_HELD_BUNDLES + 1);
  // What was dropped shows as soon as something comes behind it.
  assertEquals(typesOf((await hear(conversation, {})).effects), ["gap"]);
});

Deno.test("what was held is checked when it is due; what came before it holds", async () => {
  const conversation = await securedPair();
  const first = await sealAs(conversation, "bob", await bundleOf(conversation, [text()]));
  const broken = await hear(conversation, {
    items: [text({ seen: 9 })],
    signature: new Uint8Array(768),
  });
  assertEquals(typesOf(broken.effects), ["gap"]);
  const effects = await conversation.receive("alice", "received_message", first);
  assertEquals(typesOf(effects), ["message", "failed"]);
  assertEquals(effectsOf(effects, "failed")[0]!.error.code, "bad-chain");
  assertEquals(conversation.sessions.alice.phase, "ended");
});

Deno.test("a peer that has the session's state, but not the identity key, can state nothing", async () => {
  const conversation = await securedPair();
  const thief = identityOf("a thief", SMALL_GROUP);
  await assertFailed(
    await hear(conversation, await bundleOf(conversation, [text()], thief)),
    "bad-signature",
  );
});

Deno.test("a bundle that keeps no form ends the session, and the error names the field", async () => {
  const conversation = await securedPair({ deniable: true });
  const good = encodeBundle({ number: 1, received: 0, items: [text()], signature: null });
  const faults: [Bytes, Parameters<typeof assertFailed>[1]][] = [
    [new Uint8Array(MIN_PADDED_BYTES), "payload.padding"],
    [pad(new Uint8Array()), "payload.number"],
    [pad(overwrite(good, 16, Uint8Array.of(10))), "payload.type"],
    [pad(overwrite(good, 17, new Uint8Array(4).fill(255))), "payload.content"],
  ];
  for (const [padded, field] of faults) {
    await assertFailed(await hear(conversation.fork(), padded), field);
  }
  const longer = pad(concatBytes(good, new Uint8Array(1)));
  const { effects } = await hear(conversation, longer);
  assertEquals(effectsOf(effects, "failed")[0]?.error.code, "malformed");
  assert(typesOf(effects).every((type) => type === "failed"));
});
