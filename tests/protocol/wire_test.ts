import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Bytes, concatBytes, utf8 } from "../../lib/crypto/bytes.ts";
import { BOX_OVERHEAD_BYTES } from "../../lib/crypto/secret_box.ts";
import { CheckError, EXIT, WireError } from "../../lib/errors.ts";
import {
  encodeConfirmation,
  encodeEnvelope,
  encodeHello,
  encodeShare,
  GROUP,
  NONCE_BYTES,
  parseConfirmation,
  parseEnvelope,
  parseHello,
  parseShareMessage,
  payloadBytes,
  SUITE,
} from "../../lib/protocol/wire.ts";
import {
  fieldAt,
  LAYOUT,
  lengthOf,
  type MessageName,
  offsetOf,
  overwrite,
} from "../helpers/mutants.ts";

/** The parser of each message. */
const PARSERS: Readonly<Record<MessageName, (bytes: Uint8Array) => unknown>> = {
  hello: parseHello,
  share: parseShareMessage,
  confirmation: parseConfirmation,
  message: parseEnvelope,
};

const MESSAGES = Object.keys(PARSERS) as MessageName[];

/** A message in good form, of the least length; what its fields mean is of no concern here. */
function blank(name: MessageName): Bytes {
  const type = 1 + MESSAGES.indexOf(name);
  const bytes = new Uint8Array(lengthOf(LAYOUT[name]));
  return overwrite(bytes, 0, concatBytes(utf8("parley-1"), Uint8Array.of(type)));
}

Deno.test("the suite is parley-1 over ffdhe3072, with nonces of 256 bits", () => {
  assertEquals([SUITE, GROUP.name, NONCE_BYTES, BOX_OVERHEAD_BYTES], [
    "parley-1",
    "ffdhe3072",
    32,
    48,
  ]);
});

Deno.test("every message lays its fields out as docs/PROTOCOL.md says", () => {
  const fill = (n: number, length: number) => new Uint8Array(length).fill(n);
  const hello = encodeHello({
    deniable: true,
    invite: true,
    nonce: fill(3, 32),
    identity: fill(4, 384),
    kemKey: fill(5, 1184),
  });
  const share = encodeShare({
    share: fill(2, 384),
    kemCiphertext: fill(3, 1088),
    signature: fill(4, 768),
  });
  const confirmation = encodeConfirmation(fill(2, 176));
  const message = encodeEnvelope({
    tag: fill(2, 32),
    headerIv: fill(3, 16),
    header: fill(4, 2664),
    box: fill(5, 1328),
  });
  for (const [i, bytes] of [hello, share, confirmation, message].entries()) {
    const name = MESSAGES[i]!;
    assertEquals(bytes.length, lengthOf(LAYOUT[name]));
    assertEquals(bytes.slice(0, 9), concatBytes(utf8("parley-1"), Uint8Array.of(i + 1)));
    for (const [index, [field, length]] of LAYOUT[name].entries()) {
      if (index < 2) continue;
      const at = offsetOf(LAYOUT[name], field);
      const expected = field === "modes" ? 3 : index;
      assertEquals(bytes.slice(at, at + length), fill(expected, length), `${name}.${field}`);
    }
  }
});

Deno.test("encodeHello() sets bit 0 for deniable and bit 1 for invite", () => {
  const hello = parseHello(blank("hello"));
  const modes = [[false, false], [true, false], [false, true], [true, true]].map((
    [deniable, invite],
  ) => encodeHello({ ...hello, deniable: deniable!, invite: invite! })[9]);
  assertEquals(modes, [0, 1, 2, 3]);
});

for (const name of MESSAGES) {
  const parse = PARSERS[name];
  const whole = blank(name);

  Deno.test(`the parser of ${name} names the field in which a message ends too early`, () => {
    for (let length = 0; length < whole.length; length++) {
      const error = assertThrows(() => parse(whole.slice(0, length)), WireError);
      assertEquals(error.field, `${name}.${fieldAt(LAYOUT[name], length)}`);
      assertEquals([error.code, error.exitCode], ["malformed", EXIT.untrusted]);
    }
  });

  Deno.test(`the parser of ${name} refuses another suite's name, and another type`, () => {
    for (let at = 0; at < 7; at++) {
      for (const byte of [0, whole[at]! ^ 1, whole[at]! ^ 0x20, 0xff]) {
        const other = overwrite(whole, at, Uint8Array.of(byte));
        assertEquals(assertThrows(() => parse(other), WireError).field, `${name}.suite`);
      }
    }
    // Another version of this one is told apart, so that people know what to do.
    for (const version of ["0", "2", "x", "\0", "\x7f"]) {
      const other = overwrite(whole, 0, utf8(`parley-${version}`));
      assertEquals(assertThrows(() => parse(other), CheckError).code, "suite-mismatch");
    }
    for (let type = 0; type < 256; type++) {
      if (type === whole[8]) continue;
      const other = overwrite(whole, 8, Uint8Array.of(type));
      const error = assertThrows(() => parse(other), WireError);
      assertEquals([error.field, error.got], [`${name}.type`, String(type)]);
    }
  });

  Deno.test(`the parser of ${name} reads a view of a larger buffer, and copies`, () => {
    const buffer = new Uint8Array(whole.length + 20).fill(7);
    buffer.set(whole, 10);
    const parsed = parse(buffer.subarray(10, 10 + whole.length));
    assertEquals(parsed, parse(whole));
    buffer.fill(9);
    assertEquals(parsed, parse(whole));
  });

  if (name === "message") continue;
  Deno.test(`the parser of ${name} refuses a byte behind the end`, () => {
    for (const more of [1, 100]) {
      const error = assertThrows(() => parse(concatBytes(whole, new Uint8Array(more))), WireError);
      assertEquals([error.field, error.got], [name, `${more} more bytes`]);
    }
  });
}

Deno.test("parseHello() refuses every modes byte but 0 to 3", () => {
  for (let modes = 0; modes < 256; modes++) {
    const bytes = overwrite(blank("hello"), 9, Uint8Array.of(modes));
    if (modes < 4) {
      assertEquals(encodeHello(parseHello(bytes)), bytes);
    } else {
      const error = assertThrows(() => parseHello(bytes), WireError);
      assertEquals([error.field, error.got], ["hello.modes", String(modes)]);
    }
  }
});

Deno.test("a WireError names lengths and kinds, and none of the bytes", () => {
  const secret = utf8("parley-1\x04 the quick brown fox");
  const error = assertThrows(() => parseEnvelope(secret), WireError);
  assert(!JSON.stringify({ ...error, message: error.message }).includes("fox"));
});

Deno.test("payloadBytes() takes bytes in both of their forms, as a copy", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const view = Uint8Array.of(0, 1, 2, 3, 4).subarray(1, 4);
  for (const payload of [bytes, bytes.buffer, view]) {
    const copy = payloadBytes("hello", payload);
    assertEquals(copy, Uint8Array.of(1, 2, 3));
    assertEquals(copy.buffer.byteLength, 3);
  }
  const copy = payloadBytes("hello", bytes);
  bytes.fill(0);
  assertEquals(copy, Uint8Array.of(1, 2, 3));
});

Deno.test("payloadBytes() refuses everything else, and names its kind", () => {
  const kinds: [unknown, string][] = [
    [null, "null"],
    [undefined, "undefined"],
    ["abc", "string"],
    [7, "number"],
    [7n, "bigint"],
    [true, "boolean"],
    [{}, "object"],
    [[1, 2], "object"],
    [{ length: 3, 0: 1, 1: 2, 2: 3 }, "object"],
    [new Uint16Array(3), "object"],
    [new DataView(new ArrayBuffer(3)), "object"],
    [() => {}, "function"],
    [Symbol("x"), "symbol"],
  ];
  for (const [payload, got] of kinds) {
    const error = assertThrows(() => payloadBytes("share", payload), WireError);
    assertEquals([error.field, error.expected, error.got], ["share", "bytes", got]);
  }
});
