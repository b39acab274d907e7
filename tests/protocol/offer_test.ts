import { assertEquals, assertThrows } from "@std/assert";
import { WireError } from "../../lib/errors.ts";
import { MAX_FILE_BYTES, MAX_FILE_NAME_BYTES } from "../../lib/protocol/constants.ts";
import { encodeOffer, type Offer, parseOffer } from "../../lib/protocol/offer.ts";

const OFFER: Offer = {
  id: new Uint8Array(16).fill(0xab),
  name: "photo.jpg",
  bytes: 1234,
  root: new Uint8Array(32).fill(7),
};
const ID = "ab".repeat(16);
const ROOT = "07".repeat(32);
const TEXT = `{"id":"${ID}","name":"photo.jpg","bytes":1234,"root":"${ROOT}"}`;

Deno.test("encodeOffer() spells an offer as docs/PROTOCOL.md says", () => {
  assertEquals(encodeOffer(OFFER), TEXT);
});

Deno.test("encodeOffer() and parseOffer() agree on what is too much", () => {
  const most: Offer = {
    ...OFFER,
    name: "ü".repeat(127) + "x",
    bytes: MAX_FILE_BYTES,
  };
  assertEquals(parseOffer(encodeOffer(most)), most);
  assertEquals(MAX_FILE_BYTES, 128 * 2 ** 30);
  const wrong: Partial<Offer>[] = [
    { name: "" },
    { name: "x".repeat(MAX_FILE_NAME_BYTES + 1) },
    { name: "ü".repeat(128) },
    { name: "\ud800" },
    { bytes: MAX_FILE_BYTES + 1 },
    { bytes: -1 },
    { bytes: 0.5 },
  ];
  for (const fault of wrong) {
    assertThrows(() => encodeOffer({ ...OFFER, ...fault }), RangeError);
    const { name, bytes } = { ...OFFER, ...fault };
    const text = JSON.stringify({ id: ID, name, bytes, root: ROOT });
    const [field] = Object.keys(fault);
    assertEquals(assertThrows(() => parseOffer(text), WireError).field, `offer.${field}`);
  }
});

const FAULTS: readonly [what: string, field: string, text: string][] = [
  ["no JSON", "offer", "photo.jpg"],
  ["nothing", "offer", ""],
  ["null", "offer", "null"],
  ["a number", "offer", "5"],
  ["a list", "offer.name", "[]"],
  ["a short id", "offer.id", TEXT.replace(ID, ID.slice(2))],
  ["an id in capitals", "offer.id", TEXT.replace(ID, ID.toUpperCase())],
  ["an id of other letters", "offer.id", TEXT.replace(ID, "xy".repeat(16))],
  ["a long root", "offer.root", TEXT.replace(ROOT, `${ROOT}07`)],
  ["a size in quotation marks", "offer.bytes", TEXT.replace("1234", '"1234"')],
  ["no size", "offer.bytes", TEXT.replace('"bytes":1234,', "")],
  ["no name", "offer.name", TEXT.replace('"photo.jpg"', "null")],
  ["spaces", "offer", TEXT.replaceAll(":", ": ")],
  ["another spelling of the size", "offer", TEXT.replace("1234", "1.234e3")],
  ["another spelling of the name", "offer", TEXT.replace("photo", "\\u0070hoto")],
  ["a member more", "offer", TEXT.replace("}", ',"more":1}')],
  ["a member twice", "offer", TEXT.replace("}", ',"bytes":1234}')],
  ["another order", "offer", `{"name":"photo.jpg","id":"${ID}","bytes":1234,"root":"${ROOT}"}`],
  ["a byte more", "offer", `${TEXT}\n`],
];

for (const [what, field, text] of FAULTS) {
  Deno.test(`parseOffer() refuses ${what}`, () => {
    assertEquals(assertThrows(() => parseOffer(text), WireError).field, field);
  });
}

Deno.test("parseOffer() refuses every offer that is cut short", () => {
  for (let length = 0; length < TEXT.length; length++) {
    assertThrows(() => parseOffer(TEXT.slice(0, length)), WireError);
  }
});
