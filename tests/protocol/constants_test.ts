/**
 * The limits of the protocol as docs/PROTOCOL.md has them: tests that import a constant go with it wherever it goes.
 */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { FFDHE_3072 } from "../../lib/crypto/groups.ts";
import * as cryptoEntry from "../../lib/crypto/mod.ts";
import * as mainEntry from "../../lib/mod.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { newProfile } from "../../lib/profile/profile.ts";
import { MAX_CONTACTS } from "../../lib/profile/contacts.ts";
import * as constants from "../../lib/protocol/constants.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { DISORDER_PATIENCE, RECEIPT_PATIENCE } from "../../lib/conversation/session_watchdog.ts";
import { MAX_BACKLOG_BYTES } from "../../lib/relay/socket_connection.ts";
import { MAX_HELD_SEATS } from "../../lib/relay/seat_table.ts";

Deno.test("the protocol's constants are those of docs/PROTOCOL.md", () => {
  assertEquals({ ...constants }, {
    CONFIRMATION_BYTES: 128,
    MAX_NAME_BYTES: 127,
    MIN_PADDED_BYTES: 1280,
    MAX_PADDED_BYTES: 540_672,
    MAX_TEXT_BYTES: 524_288,
    MAX_TIME: 8.64e15,
    MAX_BUNDLE_ITEMS: 1024,
    MAX_UNSIGNED: 1024,
    MAX_WINDOW_LEAVES: 96,
    WINDOW_KEY_BYTES: 32,
    BUNDLE_BYTES: 61_439,
    MAX_SKIP: 256,
    MAX_OLD_CHAINS: 8,
    LEAF_BYTES: 131_072,
    MAX_TREE_DEPTH: 20,
    MAX_FILE_BYTES: 137_438_953_472,
    MAX_FILE_NAME_BYTES: 255,
    MAX_SKIPPED_STORED: 512,
    HANDSHAKE_PATIENCE: 60_000,
  });
});

Deno.test("the limits of client, profile and relay are what their documentation says", () => {
  assertEquals([RECEIPT_PATIENCE, DISORDER_PATIENCE, MAX_CONTACTS], [20_000, 2_000, 1000]);
  assertEquals([MAX_BACKLOG_BYTES, MAX_HELD_SEATS], [33_554_432, 10_000]);
});

Deno.test("the suite's group is ffdhe3072, an identity is in it, and no entry point exports a smaller one", () => {
  assertStrictEquals(GROUP, FFDHE_3072);
  assertEquals([GROUP.name, GROUP.p.toString(2).length], ["ffdhe3072", 3072]);
  const { identity } = newProfile("work", { name: "" }, systemRandom);
  assertStrictEquals(identity.publicKey.group, GROUP);
  const exported: unknown[] = [mainEntry, cryptoEntry].flatMap((entry) => Object.values(entry));
  const groups = exported.filter((value) => value instanceof Object && "exponentBits" in value);
  const lengths = (groups as typeof GROUP[]).map(({ p }) => p.toString(2).length);
  assertEquals(lengths.sort(), [2048, 2048, 3072, 3072, 4096]);
});
