/**
 * Handshake messages of `parley-1` with something else in them, signed again where the attacker holds the key.
 *
 * @module
 */
import type { Bytes } from "../../lib/crypto/bytes.ts";
import type { SigningKey } from "../../lib/crypto/elgamal.ts";
import { taggedHash } from "../../lib/crypto/hash.ts";
import { type Random, systemRandom } from "../../lib/crypto/random.ts";
import {
  encodeHello,
  encodeShare,
  type Hello,
  parseHello,
  parseShareMessage,
  type Share,
} from "../../lib/protocol/wire.ts";
import type { Tamper } from "../harness/party.ts";

/** The context of a share's signature: docs/PROTOCOL.md, 5.4. */
export const EXCHANGE_CONTEXT = "parley-1 key exchange signature";

/** The context of a statement's signature: docs/PROTOCOL.md, 13.2. */
export const STATEMENT_CONTEXT = "parley-1 statement signature";

/** The context of the signature under a transcript: docs/PROTOCOL.md, section 15. */
export const EXPORT_CONTEXT = "parley-1 export signature";

/** What a share carries beside its signature. */
export type UnsignedShare = Omit<Share, "signature">;

/** `signed` of section 5.4. */
export function exchangeMessage(
  signerHello: Uint8Array,
  otherHello: Uint8Array,
  { share, kemCiphertext }: UnsignedShare,
): Promise<Bytes> {
  const fields = [signerHello, otherHello, share, kemCiphertext];
  return taggedHash("parley-1 key exchange", ...fields);
}

/** A share message with a signature by any key. */
export async function signedShare(
  key: SigningKey,
  signerHello: Uint8Array,
  otherHello: Uint8Array,
  unsigned: UnsignedShare,
  random: Random = systemRandom,
): Promise<Bytes> {
  const message = await exchangeMessage(signerHello, otherHello, unsigned);
  const signature = await key.sign(EXCHANGE_CONTEXT, message, random);
  return encodeShare({ ...unsigned, signature });
}

/** A hello with something changed. */
export function changeHello(bytes: Uint8Array, change: (hello: Hello) => Partial<Hello>): Bytes {
  const hello = parseHello(bytes);
  return encodeHello({ ...hello, ...change(hello) });
}

/** A peer whose hello is changed before it is sent, byte by byte. */
export function tamperHello(change: (hello: Bytes) => Bytes): Tamper {
  return (event, payload) => event === "ELGAMAL_PK" ? change(payload) : payload;
}

/** A peer whose share is changed and then signed, properly, with its own key. */
export function tamperShare(
  change: (share: UnsignedShare) => Partial<UnsignedShare>,
): Tamper {
  return (event, payload, { identity, session }) => {
    if (event !== "DEFF_HELLMAN_PK") return payload;
    const { signature: _, ...unsigned } = parseShareMessage(payload);
    const { own, received } = session.handshake!;
    const changed = { ...unsigned, ...change(unsigned) };
    return signedShare(identity, own.helloBytes, received.hello!, changed);
  };
}

/** A peer whose share has a signature of another kind, over what ought to be signed. */
export function tamperSignature(sign: (message: Bytes) => Promise<Bytes>): Tamper {
  return async (event, payload, { session }) => {
    if (event !== "DEFF_HELLMAN_PK") return payload;
    const share = parseShareMessage(payload);
    const { own, received } = session.handshake!;
    const message = await exchangeMessage(own.helloBytes, received.hello!, share);
    return encodeShare({ ...share, signature: await sign(message) });
  };
}
