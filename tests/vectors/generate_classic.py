#!/usr/bin/env python3
"""Writes classic.json: conversations of the original protocol with every value, by the Python client of tests/fixtures,
which knows nothing of lib/. Private keys, nonces and IVs are SHA-256 in counter mode, so that a second run writes the
same file.

    /usr/bin/python3 tests/vectors/generate_classic.py > tests/vectors/classic.json
"""
import hashlib
import json
import math
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.append(str(pathlib.Path(__file__).parent.parent / "fixtures"))
from classic_client import A, Q, digest, encrypt, message_key, share_message, sign, verify

TEXTS = ["", "exit", "hello", "Grüße, ça va?", "你好 👋🏽 \u202eabc", "two\nlines\0", "x" * 1000]


def is_prime(n):
    return n > 3 and all(pow(b, n - 1, n) == 1 for b in (2, 3, 5, 7, 11, 13))


def safe_prime(bits):
    """The least safe prime of so many bits."""
    q = 2 ** (bits - 1) + 1
    while not (is_prime(q) and is_prime(q // 2)):
        q += 2
    return q


def expand(label, length):
    blocks = (hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(length // 32 + 1))
    return b"".join(blocks)[:length]


def number(label, q):
    """In [1, q - 1)."""
    return int.from_bytes(expand(label, q.bit_length() // 8 + 16), "big") % (q - 2) + 1


def nonce(label, q):
    k = number(label, q)
    while math.gcd(k, q - 1) != 1:
        k = k % (q - 2) + 1
    return k


def side(name, q, a):
    x, k, exponent = number(f"{name} x", q), nonce(f"{name} k", q), number(f"{name} share", q)
    y, share = pow(a, x, q), pow(a, exponent, q)
    s1, s2 = sign(q, a, x, k, str(share))
    assert verify(q, a, y, str(share), s1, s2)
    return {
        "x": str(x),
        "k": str(k),
        "exponent": str(exponent),
        "y": str(y),
        "share": str(share),
        "m": str(digest(q, str(share))),
        "s1": str(s1),
        "s2": str(s2),
        "shareMessage": share_message(share, s1, s2),
    }


def conversation(name, q, a):
    alice, bob = side(f"{name} alice", q, a), side(f"{name} bob", q, a)
    secret = pow(int(bob["share"]), int(alice["exponent"]), q)
    assert secret == pow(int(alice["share"]), int(bob["exponent"]), q)
    key = message_key(secret)
    messages = []
    for i, text in enumerate(TEXTS):
        iv = expand(f"{name} iv {i}", 16)
        messages.append({"iv": iv.hex(), "text": text, "message": encrypt(key, iv, text)})
    return {
        "name": name,
        "q": str(q),
        "a": str(a),
        "alice": alice,
        "bob": bob,
        "secret": str(secret),
        "key": key.hex(),
        "messages": messages,
    }


GROUPS = [("default", Q, A), ("65 bits, base 5", safe_prime(65), 5), ("512 bits, base 2", safe_prime(512), 2)]
print(json.dumps({"conversations": [conversation(*group) for group in GROUPS]}, indent=1))
