/**
 * The rows of the benchmark: what is measured, against whom, and what is aimed at.
 *
 * @module
 */
import { measureAgreement, measureBox, measureKeyPair, measureVerification } from "./crypto.ts";
import { measureFlood, measureForgery } from "./forged.ts";
import { measureLines } from "./lines.ts";
import type { Measured } from "./measure.ts";
import { measureBare, measureNode } from "./relay.ts";
import { measureEnter, measureStart } from "./screen.ts";
import { measureBareFile, measureFile, measureKills } from "./transfer.ts";

/** One row. */
export interface Row {
  /** What `--row` calls it. */
  readonly name: string;
  /** What is measured. */
  readonly what: string;
  /** What it is compared with; `null` for nothing, and then the target is in its own unit. */
  readonly peer: string | null;
  /** What is aimed at. */
  readonly target: { readonly most: number } | { readonly least: number };
  /** Measures it; `quick` says little about the speed, and shows that it can be measured. */
  readonly measure: (quick: boolean) => Promise<Measured>;
}

const NAIVE = "a naive power of full size, in V8";

/** All of them, in the table's order. */
export const ROWS: readonly Row[] = [
  {
    name: "file",
    what: "a file of 128 MiB through the relay, start-up included",
    peer: "magic-wormhole through its relay",
    target: { most: 1 },
    measure: (quick) => measureFile(quick ? 8 : 128, quick ? 1 : 3),
  },
  {
    name: "file-bare",
    what: "the rate of a file of 128 MiB",
    peer: "`cat` through a bare WebSocket relay",
    target: { least: 0.35 },
    measure: measureBareFile,
  },
  {
    name: "lines",
    what: "100,000 piped lines of 65 bytes",
    peer: null,
    target: { least: 5000 },
    measure: measureLines,
  },
  {
    name: "enter",
    what: "Enter to the other screen, two idle clients",
    peer: NAIVE,
    target: { most: 0.85 },
    measure: measureEnter,
  },
  {
    name: "forged",
    what: "a forged envelope in its dearest form, cost to the receiver",
    peer: null,
    target: { most: 1 },
    measure: measureForgery,
  },
  {
    name: "flood",
    what: "an honest line behind 10,000 forged envelopes",
    peer: null,
    target: { most: 2 },
    measure: measureFlood,
  },
  {
    name: "start",
    what: "`deno task client` to its prompt",
    peer: "`deno run` of a file that imports socket.io-client",
    target: { most: 1.6 },
    measure: measureStart,
  },
  {
    name: "verify",
    what: "ElGamal verification with a known key",
    peer: NAIVE,
    target: { most: 0.45 },
    measure: measureVerification,
  },
  {
    name: "dh-pair",
    what: "a Diffie-Hellman key pair, ffdhe3072",
    peer: "OpenSSL in Node, exponents of the same length",
    target: { most: 1 },
    measure: measureKeyPair,
  },
  {
    name: "dh-agree",
    what: "Diffie-Hellman agreement, blinded",
    peer: "OpenSSL in Node, exponents of the same length",
    target: { most: 2.5 },
    measure: measureAgreement,
  },
  {
    name: "seal",
    what: "the rate of AES-256-CFB with HMAC, 1 MiB, sealing",
    peer: "OpenSSL's, one after the other, in Node",
    target: { least: 0.8 },
    measure: (quick) => measureBox("seal", quick),
  },
  {
    name: "open",
    what: "the same, opening",
    peer: "OpenSSL's, one after the other, in Node",
    target: { least: 0.8 },
    measure: (quick) => measureBox("open", quick),
  },
  {
    name: "kills",
    what: "a file of 2 GiB with `kill -9` of receiver, relay and sender",
    peer: null,
    target: { most: 35 },
    measure: measureKills,
  },
  {
    name: "relay-node",
    what: "the relay's processor time for a message of 300 bytes, 50 pairs",
    peer: "the same code on Node",
    target: { most: 1 },
    measure: measureNode,
  },
  {
    name: "relay-bare",
    what: "the same",
    peer: "a bare WebSocket relay in Deno",
    target: { most: 2.5 },
    measure: measureBare,
  },
];
