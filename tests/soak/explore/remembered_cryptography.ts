/**
 * The slow operations of the two kinds of keys, each computed once.
 *
 * An exploration meets the same signature and the same pair of ratchet keys thousands of times. The group is
 * pinned, so it can't be made small; but each of these operations is a function of its arguments and of what it
 * draws, so that its results can be remembered. The code that calls them is the real code, and what it gets is
 * what it would have got.
 */
import { DiffieHellmanKeyPair } from "../../../lib/crypto/diffie_hellman.ts";
import { SigningKey, VerifyingKey } from "../../../lib/crypto/elgamal.ts";
import type { Bytes } from "../../../lib/crypto/bytes.ts";
import type { Random } from "../../../lib/crypto/random.ts";

/** Results of one operation, by its arguments and by what it draws. */
class Remembered<Result> {
  readonly #results = new Map<string, Result>();
  /** How many bytes each draw takes: the same at every call. */
  #lengths: number[] | null = null;

  /** The result: computed, or remembered. Either way the source gives the same bytes up. */
  get(key: string, random: Random, compute: (random: Random) => Result): Result {
    if (this.#lengths === null) return compute(this.#listening(random));
    const draws = this.#lengths.map((length) => random(length));
    const whole = [key, ...draws.map((draw) => draw.toHex())].join(" ");
    let result = this.#results.get(whole);
    if (result === undefined) this.#results.set(whole, result = compute(playing(draws)));
    return result;
  }

  /** The source, at the first call: from it the lengths are learned. */
  #listening(random: Random): Random {
    const lengths: number[] = this.#lengths = [];
    return (length) => {
      lengths.push(length);
      return random(length);
    };
  }
}

/** A source that gives what was drawn before. */
function playing(draws: readonly Bytes[]): Random {
  let next = 0;
  return (length) => {
    const bytes = draws[next++];
    if (bytes?.length !== length) throw new RangeError("Cannot remember: it drew something else");
    return bytes;
  };
}

const generated = new Remembered<DiffieHellmanKeyPair>();
const secrets = new Remembered<Bytes>();
const signatures = new Remembered<Promise<Bytes>>();
const verdicts = new Remembered<Promise<boolean>>();

/** A source for what draws nothing. */
const nothing: Random = () => new Uint8Array();

/** Replaces four methods by ones that remember, until it is disposed of. What they know by then stays known. */
export function rememberCryptography(): Disposable {
  const { generate } = DiffieHellmanKeyPair;
  const { sharedSecret } = DiffieHellmanKeyPair.prototype;
  const { sign } = SigningKey.prototype;
  const { verify } = VerifyingKey.prototype;

  DiffieHellmanKeyPair.generate = (group, random, base = group.g) =>
    generated.get(`${group.name} ${base}`, random, (r) => generate(group, r, base));
  DiffieHellmanKeyPair.prototype.sharedSecret = function (peerShare, random) {
    const key = `${this.share.toHex()} ${peerShare}`;
    return secrets.get(key, random, (r) => sharedSecret.call(this, peerShare, r));
  };
  SigningKey.prototype.sign = function (context, message, random) {
    const key = `${this.publicKey.bytes.toHex()} ${context} ${message.toHex()}`;
    return signatures.get(key, random, (r) => sign.call(this, context, message, r));
  };
  VerifyingKey.prototype.verify = function (context, message, signature) {
    const key = [this.bytes.toHex(), context, message.toHex(), signature.toHex()].join(" ");
    return verdicts.get(key, nothing, () => verify.call(this, context, message, signature));
  };

  return {
    [Symbol.dispose]() {
      DiffieHellmanKeyPair.generate = generate;
      DiffieHellmanKeyPair.prototype.sharedSecret = sharedSecret;
      SigningKey.prototype.sign = sign;
      VerifyingKey.prototype.verify = verify;
    },
  };
}
