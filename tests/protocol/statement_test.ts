import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { utf8 } from "../../lib/crypto/bytes.ts";
import { i2osp } from "../../lib/crypto/integers.ts";
import {
  hashStatement,
  signStatement,
  type Statement,
  verifyStatement,
} from "../../lib/protocol/statement.ts";
import { identityOf } from "../helpers/session_pair.ts";
import { flipBit } from "../helpers/mutants.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { taggedByHand } from "../helpers/tagged_hash.ts";

const STATEMENT: Statement = {
  sequence: 3,
  seen: 2,
  time: 1_700_000_000_000,
  kind: "text",
  body: utf8("hello"),
  previous: new Uint8Array(32).fill(7),
  signature: null,
};

const SESSION_ID = new Uint8Array(32).fill(1);
const ANSWERED = new Uint8Array(32).fill(2);
const ALICE = identityOf("alice");
const BOB = identityOf("bob");

Deno.test("hashStatement() covers session, sender, every field but the signature, and what is answered", async () => {
  const hash = await hashStatement(SESSION_ID, ALICE.publicKey, STATEMENT, ANSWERED);
  const signed: Statement = { ...STATEMENT, signature: new Uint8Array(768) };
  assertEquals(await hashStatement(SESSION_ID, ALICE.publicKey, signed, ANSWERED), hash);
  const others = [
    await hashStatement(new Uint8Array(32), ALICE.publicKey, STATEMENT, ANSWERED),
    await hashStatement(SESSION_ID, BOB.publicKey, STATEMENT, ANSWERED),
    await hashStatement(SESSION_ID, ALICE.publicKey, STATEMENT, SESSION_ID),
    ...await Promise.all(
      ([
        { sequence: 4 },
        { seen: 3 },
        { sequence: STATEMENT.seen, seen: STATEMENT.sequence },
        { time: STATEMENT.time + 1 },
        { kind: "end" },
        { kind: "file" },
        { body: utf8("hellp") },
        { body: utf8("hell") },
        { previous: new Uint8Array(32) },
      ] as Partial<Statement>[]).map((change) =>
        hashStatement(SESSION_ID, ALICE.publicKey, { ...STATEMENT, ...change }, ANSWERED)
      ),
    ),
  ];
  const distinct = new Set([hash, ...others].map((bytes) => bytes.toHex()));
  assertEquals(distinct.size, others.length + 1);
});

Deno.test("hashStatement() is the hash that docs/PROTOCOL.md gives", async () => {
  assertEquals(
    await hashStatement(SESSION_ID, ALICE.publicKey, STATEMENT, ANSWERED),
    taggedByHand(
      utf8("parley-1 statement"),
      SESSION_ID,
      ALICE.publicKey.bytes,
      i2osp(3n, 8),
      i2osp(1_700_000_000_000n, 8),
      Uint8Array.of(1),
      createHash("sha256").update("hello").digest(),
      STATEMENT.previous,
      i2osp(2n, 8),
      ANSWERED,
    ),
  );
});

heavyTest(
  "verifyStatement() takes the sender's signature over this hash, and no other",
  async () => {
    const hash = await hashStatement(SESSION_ID, ALICE.publicKey, STATEMENT, ANSWERED);
    const signature = await signStatement(ALICE, hash, seededRandom("statement"));
    assert(await verifyStatement(ALICE.publicKey, hash, signature));
    assert(!await verifyStatement(BOB.publicKey, hash, signature));
    assert(!await verifyStatement(ALICE.publicKey, flipBit(hash, 0), signature));
    assert(!await verifyStatement(ALICE.publicKey, hash, flipBit(signature, 767)));
    // A signature over a key exchange is none over a statement, though the bytes that it covers be the same.
    for (const context of ["parley-1 key exchange signature", "parley-1 export signature"]) {
      const other = await ALICE.sign(context, hash, seededRandom("statement"));
      assert(!await verifyStatement(ALICE.publicKey, hash, other));
    }
  },
);
