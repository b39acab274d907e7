#!/usr/bin/env python3
"""Writes rfc6979.json: nonces with additional data (RFC 6979, section 3.6), by Python's hmac.

The RFC prints no vector with additional data and none for a subgroup as wide as a safe prime's. This is a
second implementation, written from the RFC's text alone, and held first to the RFC's own A.2.1.

    python3 tests/vectors/generate_rfc6979.py > tests/vectors/rfc6979.json
"""
import hashlib
import hmac
import json
import random
import sys

rng = random.Random("parley rfc6979 vectors")


def mac(key: bytes, *parts: bytes) -> bytes:
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def bits2int(data: bytes, qlen: int) -> int:
    return int.from_bytes(data, "big") >> max(0, 8 * len(data) - qlen)


def nonce(q: int, x: int, digest: bytes, additional: bytes) -> tuple[int, list[int]]:
    """The nonce, and the candidates that were refused before it."""
    qlen = q.bit_length()
    rolen = (qlen + 7) // 8
    seed = x.to_bytes(rolen, "big") + (bits2int(digest, qlen) % q).to_bytes(rolen, "big") + additional
    v, k = b"\x01" * 32, b"\x00" * 32
    k = mac(k, v, b"\x00", seed)
    v = mac(k, v)
    k = mac(k, v, b"\x01", seed)
    v = mac(k, v)
    refused = []
    while True:
        t = b""
        while 8 * len(t) < qlen:
            v = mac(k, v)
            t += v
        candidate = bits2int(t[:rolen], qlen)
        if 1 <= candidate < q:
            return candidate, refused
        refused.append(candidate)
        k = mac(k, v, b"\x00")
        v = mac(k, v)


A21_Q = 0x996F967F6C8E388D9E28D01E205FBA957A5698B1
A21_X = 0x411602CB19A6CCC34494D79D98EF1E7ED5AF25F7
A21_K = 0x519BA0546D0C39202A7D34D7DFA5E760B318BCFB
assert nonce(A21_Q, A21_X, hashlib.sha256(b"sample").digest(), b"")[0] == A21_K


def case(q: int, x: int, digest: bytes, additional: bytes) -> dict:
    k, refused = nonce(q, x, digest, additional)
    return {
        "q": hex(q),
        "x": hex(x),
        "digest": digest.hex(),
        "additional": additional.hex(),
        "k": hex(k),
        "refused": [hex(candidate) for candidate in refused],
    }


def cases():
    # Widths beside a byte's and a digest's border, and 3071, which is the width of ffdhe3072's q. A q
    # just above a power of two refuses half of all candidates.
    for bits in [9, 160, 255, 256, 257, 521, 2047, 3071, 4095]:
        for q in [(1 << bits) - 1, (1 << (bits - 1)) + 1]:
            for length in [0, 1, 32]:
                x = rng.randrange(1, q)
                digest, additional = rng.randbytes(32), rng.randbytes(length)
                yield case(q, x, digest, additional)
    # So small a q that 0 comes up, which is refused too.
    for q in [5, 7]:
        for _ in range(8):
            yield case(q, rng.randrange(1, q), rng.randbytes(32), b"")


json.dump({"source": "CPython " + sys.version.split()[0], "cases": list(cases())}, sys.stdout, indent=1)
print()
