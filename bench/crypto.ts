/**
 * The rows about cryptography: against a naive power in V8, and against OpenSSL in Node.
 *
 * @module
 */
import { type Bytes, toHex } from "../lib/crypto/bytes.ts";
import { i2osp } from "../lib/crypto/integers.ts";
import {
  boxKey,
  DiffieHellmanKeyPair,
  openBox,
  parseShare,
  sealBox,
  SigningKey,
  systemRandom,
} from "../lib/crypto/mod.ts";
import { randomBits, randomNonZeroBelow } from "../lib/crypto/random.ts";
import { BOX_KEY_BYTES } from "../lib/crypto/secret_box.ts";
import { GROUP } from "../lib/protocol/wire.ts";
import { meanMilliseconds, type Measured, naivePower, ROUND, takeTurns } from "./measure.ts";
import { isThere, script } from "./programs.ts";
import { TextLineStream } from "../tools/text_lines.ts";

const { p, q } = GROUP;

/** Milliseconds of one full-size naive power. */
export function naiveMilliseconds(): Promise<number> {
  const [base, exponent] = [p, q].map((below) => randomNonZeroBelow(below, systemRandom));
  return meanMilliseconds(() => naivePower(base!, exponent!, p));
}

/** ElGamal's verification with a key that has verified before. */
export async function measureVerification(quick: boolean): Promise<Measured> {
  const key = SigningKey.generate(GROUP, systemRandom);
  const signed: { message: Bytes; signature: Bytes }[] = [];
  for (let i = 0; i < 8; i++) {
    const message = systemRandom(64);
    signed.push({ message, signature: await key.sign("bench", message, systemRandom) });
  }
  const { publicKey } = key;
  let i = 0;
  const verify = () => {
    const { message, signature } = signed[i++ % signed.length]!;
    return publicKey.verify("bench", message, signature);
  };
  for (const _ of signed) await verify();
  const ours = () => meanMilliseconds(verify);
  return await takeTurns("ms", quick ? 3 : 15, ours, naiveMilliseconds);
}

/** OpenSSL in Node, which answers how many milliseconds one of `name` took; `null` where Node is not there. */
function openssl(): { time(name: string): Promise<number>; close(): void } | null {
  if (!isThere("node")) return null;
  const exponent = i2osp(randomBits(GROUP.exponentBits, systemRandom), GROUP.exponentBits / 8);
  const child = new Deno.Command("node", {
    args: [script("openssl.mjs"), toHex(i2osp(p, GROUP.elementBytes)), toHex(exponent)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  const lines = child.stdout.pipeThrough(new TextLineStream())[Symbol.asyncIterator]();
  return {
    async time(name) {
      await input.write(new TextEncoder().encode(`${name} ${ROUND}\n`));
      return Number((await lines.next()).value);
    },
    close: () => child.kill(),
  };
}

/** Compares one operation with OpenSSL's of that name. */
async function againstOpenssl(
  name: string,
  quick: boolean,
  run: () => unknown,
): Promise<Measured> {
  const peer = openssl();
  const ours = () => meanMilliseconds(run);
  const theirs = peer && (() => peer.time(name));
  try {
    await ours();
    await theirs?.();
    return await takeTurns("ms", quick ? 3 : 15, ours, theirs);
  } finally {
    peer?.close();
  }
}

/** A Diffie-Hellman key pair. */
export function measureKeyPair(quick: boolean): Promise<Measured> {
  return againstOpenssl("dh-pair", quick, () => {
    DiffieHellmanKeyPair.generate(GROUP, systemRandom);
  });
}

/** Diffie-Hellman's agreement, blinded. */
export function measureAgreement(quick: boolean): Promise<Measured> {
  const pair = DiffieHellmanKeyPair.generate(GROUP, systemRandom);
  const share = parseShare(GROUP, DiffieHellmanKeyPair.generate(GROUP, systemRandom).share)!;
  return againstOpenssl("dh-agree", quick, () => pair.sharedSecret(share, systemRandom));
}

/** A mebibyte with AES-256-CFB and HMAC, as rates. */
export async function measureBox(way: "seal" | "open", quick: boolean): Promise<Measured> {
  const key = boxKey(systemRandom(BOX_KEY_BYTES));
  const [iv, header, plaintext] = [16, 57, 1 << 20].map(systemRandom);
  const box = await sealBox(key, iv!, header!, plaintext!);
  const measured = await againstOpenssl(
    way,
    quick,
    () => way === "seal" ? sealBox(key, iv!, header!, plaintext!) : openBox(key, header!, box),
  );
  const { ours, peer, ratio } = measured;
  const rate = (value: number | null) => value && 1000 / value;
  return { ours: 1000 / ours, peer: rate(peer), ratio: ratio && 1 / ratio, unit: "MiB/s" };
}
