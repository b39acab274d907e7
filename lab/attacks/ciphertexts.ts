/**
 * A relay that changes messages: their ciphertext, and what stands beside it.
 *
 * @module
 */
import { createHmac } from "node:crypto";
import { concatBytes } from "../../lib/crypto/bytes.ts";
import { type Attack, mustHold, mustNot, mustReach, type Refusal } from "../attack.ts";
import { cut, flip, join, type Parts } from "../forge/envelope.ts";
import type { Lab } from "../harness/lab.ts";
import { changingJson, inTurn } from "../harness/room.ts";
import type { Shown } from "../numbers.ts";
import { seal, type Sealed } from "../textbook/cipher.ts";
import { TextbookClient } from "../textbook/client.ts";
import type { Json } from "../textbook/json.ts";

/** What the textbook sends, as bytes; a ciphertext is as long as its text. */
type Opened = Record<"iv" | "ciphertext", Uint8Array>;

/**
 * Alice says a line, the relay changes it, Bob reads.
 *
 * @returns what Bob has read
 */
async function changeTextbookMessage(
  lab: Lab,
  line: string,
  change: (opened: Opened) => Opened,
): Promise<string> {
  const { alice, bob, room } = await lab.textbookPair(TextbookClient);
  room.meddle = changingJson("received_message", (fields: Sealed) => {
    const [IV, C] = [Uint8Array.fromBase64(fields.iv), Uint8Array.fromBase64(fields.message)];
    const { iv, ciphertext } = change({ iv: IV, ciphertext: C });
    lab.narrate("on its way to Bob", { IV, "IV'": iv, C, "C'": ciphertext });
    return { message: ciphertext.toBase64(), iv: iv.toBase64() };
  });
  await lab.tell(alice, line, bob);
  lab.narrate("no check fails, for there is none", {
    "Alice said": line,
    "Bob reads": JSON.stringify(bob.shown[0]!),
  });
  return bob.shown[0]!;
}

/** What attacks have in common that the MAC stops, and nothing else. */
const STOPPED_BY_MAC = {
  check: "MAC before decryption",
  defence: "a MAC over header, IV and ciphertext, checked before decryption",
  code: "bad-message",
} as const;

/** What Alice says. */
const PROMISE = "I pay 1000 euros, if the goods arrive.";

/** As long as the least length has no room for: what is cut by so many bytes has a length that a message can have. */
const LONG_PROMISE = PROMISE.padEnd(490, " And so on.");
const CLASS_BYTES = 64;

/**
 * Alice says a line, and the relay hands on what `change` makes of it, and then the line itself. Bob has to refuse the
 * one and to read the other.
 */
function alterMessage(
  lab: Lab,
  change: (parts: Parts) => Parts,
  line: string = PROMISE,
): Promise<Refusal> {
  return lab.withPair(async ({ alice, bob, room }) => {
    let isAltered = false;
    room.meddle = inTurn((parcel) => {
      isAltered = true;
      const parts = cut(parcel.payload as Uint8Array);
      const changed = change(parts);
      const shown = differences(parts, changed);
      lab.narrate("the relay hands on a changed message, then the line itself", shown);
      return [{ ...parcel, payload: join(changed) }, parcel];
    });
    alice.say(line);
    await lab.until(() => bob.texts.length > 0 || bob.failure !== null, "Bob reads the line");
    mustReach(isAltered, "the relay had a message to change");
    const [refusal, ...more] = bob.all("refused");
    mustNot(bob.texts.length !== 1 || bob.texts[0] !== line, `Bob read ${bob.texts}`);
    mustNot(refusal === undefined, "Bob took the changed message without a word");
    mustReach(more.length === 0, "one message is refused");
    lab.narrate("Bob", { refuses: refusal!.error.message, reads: bob.texts[0]! });
    return { code: refusal!.error.code, seen: "Bob refused the changed message and read the line" };
  });
}

/** What is not as it was, both ways; bytes in the middle of a long part are shown where they are. */
function differences(parts: Parts, changed: Parts): Record<string, Shown> {
  const shown: Record<string, Shown> = {};
  for (const name of ["header", "iv", "ciphertext", "tag"] as const) {
    const [before, after] = [parts[name], changed[name]];
    if (before.toHex() === after.toHex()) continue;
    shown[name] = before;
    shown[`${name}'`] = after;
    const at = before.findIndex((byte, i) => byte !== after[i]);
    if (before.length === after.length) shown[`first difference in ${name}, byte`] = at;
  }
  return shown;
}

const KEPT = "I sell you the house";
const SALE = `${KEPT} if you pay a million for it`;

const truncation: Attack = {
  name: "truncation",
  ...STOPPED_BY_MAC,
  idea:
    "CFB decrypts byte by byte: the relay cuts off the end, and what is left is a whole message.",
  formula: "C[0..n) decrypts to P[0..n)",

  async textbook(lab) {
    const text = await changeTextbookMessage(lab, SALE, ({ iv, ciphertext }) => ({
      iv,
      ciphertext: ciphertext.slice(0, KEPT.length),
    }));
    mustHold(text === KEPT, "the condition is gone");
    return `Bob read "${text}", and no condition`;
  },

  parley: (lab) =>
    alterMessage(
      lab,
      (parts) => ({ ...parts, ciphertext: parts.ciphertext.slice(0, -CLASS_BYTES) }),
      LONG_PROMISE,
    ),
};

const CUT = "Do not ";
const GATE = `${CUT}open the gate`;
const BLOCK = 16;

const prefixCut: Attack = {
  name: "prefix-cut",
  ...STOPPED_BY_MAC,
  idea:
    "The IV is only the ciphertext before the first byte: moved on, it cuts off how a line begins.",
  formula: "IV' = (IV || C)[n..n+16), C' = C[n..) decrypts to P[n..)",

  async textbook(lab) {
    const text = await changeTextbookMessage(lab, GATE, ({ iv, ciphertext }) => {
      const stream = concatBytes(iv, ciphertext).slice(CUT.length);
      return { iv: stream.slice(0, BLOCK), ciphertext: stream.slice(BLOCK) };
    });
    mustHold(text === "open the gate", "the first words are gone");
    return `Alice said "${GATE}", and Bob read "${text}"`;
  },

  parley: (lab) =>
    alterMessage(
      lab,
      (parts) => {
        const stream = concatBytes(parts.iv, parts.ciphertext).slice(CLASS_BYTES);
        return { ...parts, iv: stream.slice(0, BLOCK), ciphertext: stream.slice(BLOCK) };
      },
      LONG_PROMISE,
    ),
};

const NO = "the answer of the board is N";
const YES = "the answer of the board is Y";

const cfbBitFlip: Attack = {
  name: "cfb-bit-flip",
  ...STOPPED_BY_MAC,
  idea: "A bit turned over in CFB's last byte turns over in the text: N becomes Y, with no key.",
  formula: "P = C xor E(K, …), so C xor d decrypts to P xor d; N xor Y = 0x17",

  async textbook(lab) {
    const text = await changeTextbookMessage(lab, NO, ({ iv, ciphertext }) => ({
      iv,
      ciphertext: flip(ciphertext, -1, 0x17),
    }));
    mustHold(text === YES, "the answer is turned over");
    return `Alice said N, and Bob read "${text}"`;
  },

  parley: (lab) =>
    alterMessage(lab, (parts) => ({ ...parts, ciphertext: flip(parts.ciphertext, 900) })),
};

const ATTACK = "not today: attack tomorrow";

/** How much of the line a changed fourth byte of the IV takes with it: bytes 0 to 3. */
const SPOILED = 4;

const ivFlip: Attack = {
  name: "iv-flip",
  ...STOPPED_BY_MAC,
  idea:
    "A bit turned over in the IV spoils the first bytes only: the relay blots out how a line begins.",
  formula:
    "byte i of the text depends on IV[i..15] and the ciphertext before it: IV[3] on bytes 0 to 3",

  async textbook(lab) {
    const text = await changeTextbookMessage(lab, ATTACK, ({ iv, ciphertext }) => ({
      iv: flip(iv, SPOILED - 1),
      ciphertext,
    }));
    const rest = ATTACK.slice(SPOILED);
    mustHold(text !== ATTACK && text.endsWith(rest), "the beginning is gone, the rest stands");
    return `"not " became noise, and Bob read on: "${rest}"`;
  },

  parley: (lab) => alterMessage(lab, (parts) => ({ ...parts, iv: flip(parts.iv, 3) })),
};

const ACCOUNT = "the account ends in 1";
const OTHER_ACCOUNT = "the account ends in 9";

/** A textbook with a MAC, which it checks if there is one: older clients send none. */
class ObligingClient extends TextbookClient {
  #mac({ message, iv }: Sealed): string {
    return createHmac("sha256", this.key!).update(`${iv} ${message}`).digest("base64");
  }

  protected override sendMessage(text: string): void {
    const sealed = seal(this.key!, this.random(16), text);
    this.port.emit("message", JSON.stringify({ ...sealed, mac: this.#mac(sealed) }));
  }

  protected override receiveMessage(fields: Json): void {
    const isWrong = fields.mac !== undefined && fields.mac !== this.#mac(fields);
    if (isWrong) this.refused.push("the MAC is wrong");
    else super.receiveMessage(fields);
  }
}

const strippedMac: Attack = {
  name: "stripped-mac",
  idea:
    "A MAC that is checked if it is there is no check: the relay leaves it out and changes the text.",
  formula: "{message, iv, mac} -> {message xor d, iv}",
  check: "a message has one of 190 lengths",
  defence: "a message without its tag has no length that a message can have",
  code: "malformed",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair(ObligingClient);
    room.meddle = (parcel) => {
      const { message, iv, mac } = JSON.parse(String(parcel.payload));
      const changed = flip(Uint8Array.fromBase64(message), -1, 0x08).toBase64();
      lab.narrate("the relay changes a byte, once with the MAC and once without", { mac });
      const parcelOf = (fields: unknown) => ({ ...parcel, payload: JSON.stringify(fields) });
      return [parcelOf({ message: changed, iv, mac }), parcelOf({ message: changed, iv })];
    };
    await lab.tell(alice, ACCOUNT, bob);
    lab.narrate("Bob's program", { refuses: bob.refused.join(), reads: bob.shown[0]! });
    mustHold(bob.refused.length === 1, "with the MAC the change is refused");
    mustHold(bob.shown[0] === OTHER_ACCOUNT, "without it the change is read");
    return `refused with its MAC; without it Bob read "${OTHER_ACCOUNT}"`;
  },

  parley: (lab) => alterMessage(lab, (parts) => ({ ...parts, tag: new Uint8Array() })),
};

const MAX = 0xffff_ffff;

/** Where the number of a message stands, encrypted: four bytes. */
const NUMBER = 61;

/** A textbook with numbered messages: what is not above the last number is a repetition. */
class CountingClient extends TextbookClient {
  #own = 0n;
  #last = -1n;

  protected override sendMessage(text: string): void {
    super.sendMessage(text, { number: this.#own++ });
  }

  protected override receiveMessage(fields: Json): void {
    const { number } = fields;
    if (number <= this.#last) return void this.refused.push(`number ${number} is a repetition`);
    this.#last = number;
    super.receiveMessage(fields);
  }
}

const counterOverflow: Attack = {
  name: "counter-overflow",
  idea: "Numbers stand beside the ciphertext, unauthenticated: the relay writes 2^32 - 1 into one.",
  formula: "last = 2^32 - 1, and n <= last for every n that will ever come",
  check: "the outer tag covers the number",
  defence: "the number is encrypted, and the outer tag covers it; at most 256 may be skipped",
  code: "bad-message",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair(CountingClient);
    room.meddle = inTurn((parcel) => {
      const fields = { ...JSON.parse(String(parcel.payload)), number: MAX };
      return [{ ...parcel, payload: JSON.stringify(fields) }];
    });
    for (const line of ["one", "two", "three"]) alice.say(line);
    await lab.until(() => bob.shown.length + bob.refused.length === 3, "three have come");
    lab.narrate("the relay changes one number, and hands on the rest as it is", {
      "Bob reads": bob.shown.join(),
      "Bob refuses": bob.refused.join(", "),
    });
    mustHold(bob.shown.join() === "one" && bob.refused.length === 2, "Bob is deaf from there on");
    return "after one changed number Bob took every real message for a repetition";
  },

  parley: (lab) =>
    alterMessage(lab, (parts) => {
      const header = Uint8Array.from(parts.header);
      header.fill(0xff, NUMBER, NUMBER + 4);
      return { ...parts, header };
    }),
};

const PAID = "I have paid today";
const [SAID, SHOWN] = ["2 June", "31 May"];

/** Where the length of the sender's previous chain stands, encrypted; its last byte. */
const PREVIOUS_LENGTH = 60;

/** A textbook with a date on each message, beside the ciphertext. */
class DatingClient extends TextbookClient {
  protected override sendMessage(text: string): void {
    super.sendMessage(text, { date: SAID });
  }

  protected override receiveMessage(fields: Json): void {
    this.shown.push(`${fields.date}: ${this.open(fields)}`);
  }
}

const headerChange: Attack = {
  name: "header-change",
  idea: "The date stands beside the ciphertext, as a header does: the relay writes an earlier one.",
  formula: "{date, message, iv} -> {date', message, iv}",
  check: "the outer tag covers the header",
  defence: "the header is encrypted, and a tag covers all of the envelope; the time is inside",
  code: "bad-message",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair(DatingClient);
    room.meddle = changingJson("received_message", (fields) => ({ ...fields, date: SHOWN }));
    await lab.tell(alice, PAID, bob);
    lab.narrate("the relay changes nothing but the date", {
      said: SAID,
      "Bob reads": bob.shown[0]!,
    });
    mustHold(bob.shown[0] === `${SHOWN}: ${PAID}`, "Bob reads another date");
    return `on ${SAID} Alice said it, and Bob read "${bob.shown[0]}"`;
  },

  parley: (lab) =>
    alterMessage(lab, (parts) => ({ ...parts, header: flip(parts.header, PREVIOUS_LENGTH) })),
};

export const CIPHERTEXTS: readonly Attack[] = [
  truncation,
  prefixCut,
  cfbBitFlip,
  ivFlip,
  strippedMac,
];

/** What stands beside a ciphertext. */
export const HEADERS: readonly Attack[] = [counterOverflow, headerChange];
