import { heavyTest } from "../../helpers/permissions.ts";
import { assert, assertEquals } from "@std/assert";
import { parseShareMessage } from "../../../lib/protocol/wire.ts";
import { verifyShare } from "../../../lib/protocol/handshake.ts";
import { Attacker } from "./attacker.ts";
import { Messages } from "./messages.ts";
import { identityOf, NAMES, securedPair } from "../../helpers/session_pair.ts";
import { fieldAt, LAYOUT, type MessageName } from "../../helpers/mutants.ts";
import { EVENT_OF, KINDS, recordedHandshake } from "../../protocol/recording.ts";

/** The messages of a handshake, and one of a conversation. */
async function recorded(): Promise<{ messages: Messages; sent: number[] }> {
  const messages = new Messages();
  const recording = await recordedHandshake();
  const sent = NAMES.flatMap((name) =>
    KINDS.map((kind) =>
      messages.numberOf(EVENT_OF[kind], recording[name].sent[kind], `${name}'s ${kind}`)
    )
  );
  const conversation = await securedPair();
  await conversation.say("alice", "hello");
  const { event, payload } = conversation.inbound.bob[0]!;
  sent.push(messages.numberOf(event, payload as Uint8Array<ArrayBuffer>, "alice's message"));
  return { messages, sent };
}

heavyTest("Attacker.madeOf() changes every field but the constant ones", async () => {
  const { messages, sent } = await recorded();
  for (const number of sent) {
    const { event, bytes } = messages.at(number);
    const made = await new Attacker(messages).madeOf([number]);
    const layout = LAYOUT[nameOf(event)];
    const changed = made.map((other) => messages.at(other)).filter((other) =>
      other.event === event && other.bytes.length === bytes.length
    );
    const places = changed.map((other) => other.bytes.findIndex((byte, i) => byte !== bytes[i]));
    const fields = new Set(places.map((place) => fieldAt(layout, place)));
    const all = layout.map(([field]) => field).filter((field) =>
      !["suite", "type"].includes(field)
    );
    // What lies behind the shortest box is the box, too.
    assertEquals(new Set([...fields].map((field) => field ?? "box")), new Set<string>(all));
    assert(made.length > changed.length, "its form and its event are changed, too");
  }
});

function nameOf(event: string): MessageName {
  return event === "received_message" ? "message" : KINDS.find((kind) => EVENT_OF[kind] === event)!;
}

heavyTest("Attacker.madeOf() signs shares with the insider's key for any two hellos", async () => {
  const { messages, sent } = await recorded();
  const insider = identityOf("mallory");
  const made = await new Attacker(messages, insider).madeOf(sent);
  const all = [...sent, ...made].map((number) => messages.at(number));
  const hellos = all.filter(({ event }) => event === "ELGAMAL_PK_BC");
  const own = hellos.filter(({ label }) => label.endsWith("the insider's key"));
  const signed = all.filter(({ label }) => label.includes("signed by the insider"));
  assertEquals([own.length, signed.length], [2, 8]);
  // Some of them: each is verified for every pair.
  const sample = signed.filter((_, i) => i % 3 === 0);
  let verified = 0;
  for (const { bytes } of sample) {
    for (const signer of own) {
      for (const other of hellos.filter(({ number }) => sent.includes(number))) {
        const share = parseShareMessage(bytes);
        const holds = await verifyShare(insider.publicKey, signer.bytes, other.bytes, share);
        verified += Number(holds);
      }
    }
  }
  assertEquals(verified, sample.length, "each is for one pair of hellos");
});
