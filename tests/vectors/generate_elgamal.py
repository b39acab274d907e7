#!/usr/bin/env python3
"""Writes elgamal.json: signatures by a second implementation, over Python's integers and hashlib.

It is written from the equations at the top of lib/crypto/elgamal.ts:

    r = g^k mod p    h = H(context, group, y, r, message)    s = k^-1 (h - x r) mod q

where H is SHA-256 over the label "parley-1 elgamal" and each field, every one of them behind its length as
four big-endian bytes. The primes come from their RFCs' formulas, not from lib/crypto/groups.ts. Fixed seed:
a second run writes the same file.

    python3 tests/vectors/generate_elgamal.py > tests/vectors/elgamal.json
"""
import hashlib
import json
import random
import sys

rng = random.Random("parley elgamal vectors")
GUARD = 64


def scaled_e(bits: int) -> int:
    total, term, n = 0, 1 << (bits + GUARD), 1
    while term:
        total += term
        term //= n
        n += 1
    return total >> GUARD


def scaled_pi(bits: int) -> int:
    def arctan_of_inverse(x: int) -> int:
        total, power, n, sign = 0, (1 << (bits + GUARD)) // x, 1, 1
        while power:
            total += sign * (power // n)
            power //= x * x
            n, sign = n + 2, -sign
        return total

    return (16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)) >> GUARD


def prime(bits: int, constant, increment: int) -> int:
    return 2**bits - 2 ** (bits - 64) + (constant(bits - 130) + increment) * 2**64 - 1


GROUPS = {
    "modp2048": prime(2048, scaled_pi, 124476),
    "ffdhe2048": prime(2048, scaled_e, 560316),
    "ffdhe3072": prime(3072, scaled_e, 2625351),
    "ffdhe4096": prime(4096, scaled_e, 5736041),
}

STATEMENTS = [
    ("parley-1 message", b""),
    ("", b"hello"),
    ("contexte d'été 你好", bytes(range(256)) * 5),
]


def challenge(name: str, width: int, context: str, y: int, r: int, message: bytes) -> int:
    fields = [b"parley-1 elgamal", context.encode(), name.encode()]
    fields += [y.to_bytes(width, "big"), r.to_bytes(width, "big"), message]
    joined = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    return int.from_bytes(hashlib.sha256(joined).digest(), "big")


def cases():
    for name, p in GROUPS.items():
        q, width = (p - 1) // 2, p.bit_length() // 8
        for context, message in STATEMENTS:
            x, k = rng.randrange(1, q), rng.randrange(1, q)
            y, r = pow(2, x, p), pow(2, k, p)
            s = pow(k, -1, q) * (challenge(name, width, context, y, r, message) - x * r) % q
            yield {
                "group": name,
                "y": y.to_bytes(width, "big").hex(),
                "context": context,
                "message": message.hex(),
                "signature": (r.to_bytes(width, "big") + s.to_bytes(width, "big")).hex(),
            }


json.dump({"source": "CPython " + sys.version.split()[0], "cases": list(cases())}, sys.stdout, indent=1)
print()
