#!/usr/bin/env python3
"""Writes modular.json: powers, inverses and Jacobi symbols, by Python's integers.

`pow` is CPython's own. The Jacobi symbol is made from its definition, as the product of Legendre symbols
(Euler's criterion) over the prime factors that n was multiplied from, and so shares nothing with the
reciprocity algorithm in lib/crypto/modular.ts. Fixed seed: a second run writes the same file.

    python3 tests/vectors/generate_modular.py > tests/vectors/modular.json
"""
import json
import random
import sys
from math import gcd

rng = random.Random("parley modular vectors")

# 2^n - c, primes all (FIPS 186-4 curves, Curve25519, Mersenne).
LARGE_PRIMES = [2**127 - 1, 2**224 - 2**96 + 1, 2**255 - 19, 2**521 - 1, 2**1279 - 1]
SMALL_PRIMES = [p for p in range(3, 200) if all(p % d for d in range(2, p))]


def powers():
    for bits in [2, 3, 8, 31, 32, 33, 63, 64, 65, 127, 128, 256, 511, 1024, 2048, 3072, 4096]:
        for _ in range(4):
            modulus = max(2, rng.getrandbits(bits) | 1 << (bits - 1))
            base, exponent = rng.getrandbits(bits + 9), rng.getrandbits(rng.choice([1, 5, 64, bits]))
            yield modulus, base, exponent
        # The ends of the range, where a quotient estimate would first be off.
        for modulus in [1 << (bits - 1), (1 << bits) - 1]:
            for base in [0, 1, modulus - 1, modulus, modulus + 1]:
                if modulus > 1:
                    yield modulus, base, rng.getrandbits(bits)


def inverses():
    for bits in [2, 8, 64, 256, 1024, 3072]:
        for _ in range(6):
            modulus = max(2, rng.getrandbits(bits) | 1 << (bits - 1))
            yield rng.getrandbits(bits + 3), modulus


def legendre(a: int, p: int) -> int:
    e = pow(a, (p - 1) // 2, p)
    return -1 if e == p - 1 else e


def jacobi(a: int, primes: list[int]) -> int:
    symbol = 1
    for p in primes:
        symbol *= legendre(a, p)
    return symbol


def symbols():
    for _ in range(150):
        primes = rng.choices(SMALL_PRIMES, k=rng.randint(1, 4))
        if rng.random() < 0.5:
            primes += rng.choices(LARGE_PRIMES, k=rng.randint(1, 2))
        n = 1
        for p in primes:
            n *= p
        a = rng.getrandbits(n.bit_length() + 3) << rng.choice([0, 0, 1, 33, 70])
        yield a, n, jacobi(a, primes)


def inverse(a: int, m: int):
    return hex(pow(a, -1, m)) if gcd(a, m) == 1 else None


json.dump(
    {
        "source": "CPython " + sys.version.split()[0],
        "powers": [
            {"base": hex(b), "exponent": hex(e), "modulus": hex(m), "power": hex(pow(b, e, m))}
            for m, b, e in powers()
        ],
        "inverses": [{"a": hex(a), "modulus": hex(m), "inverse": inverse(a, m)} for a, m in inverses()],
        "symbols": [{"a": hex(a), "n": hex(n), "symbol": s} for a, n, s in symbols()],
    },
    sys.stdout,
    indent=1,
)
print()
