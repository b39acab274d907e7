#!/usr/bin/env python3
"""Writes transfer.json: hash trees, proofs, offers and signals, by a second implementation of docs/PROTOCOL.md,
sections 2, 13.7, 13.8 and 13.9, over hashlib alone.

    python3 tests/vectors/generate_transfer.py > tests/vectors/transfer.json
"""
import hashlib
import json
import struct

LEAF = 131_072
SIZES = [0, 1, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF, 3 * LEAF, 5 * LEAF + 7, 7 * LEAF, 8 * LEAF, 9 * LEAF - 1]


def tagged(label: str, *fields: bytes) -> bytes:
    parts = [label.encode(), *fields]
    return hashlib.sha256(b"".join(struct.pack(">I", len(part)) + part for part in parts)).digest()


def u64(n: int) -> bytes:
    return struct.pack(">Q", n)


def leaves_of(size: int) -> list[bytes]:
    """Zeros, but for the first byte of each leaf, which counts them from 1."""
    leaves = []
    for index, start in enumerate(range(0, size, LEAF)):
        length = min(LEAF, size - start)
        leaves.append(bytes([index + 1]) + bytes(length - 1))
    return leaves


def split(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def top(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    k = split(len(hashes))
    return tagged("parley-1 file node", top(hashes[:k]), top(hashes[k:]))


def path(index: int, hashes: list[bytes]) -> list[bytes]:
    if len(hashes) == 1:
        return []
    k = split(len(hashes))
    if index < k:
        return [*path(index, hashes[:k]), top(hashes[k:])]
    return [*path(index - k, hashes[k:]), top(hashes[:k])]


def tree(size: int) -> dict:
    hashes = [tagged("parley-1 file leaf", leaf) for leaf in leaves_of(size)]
    highest = top(hashes) if hashes else tagged("parley-1 file leaf", b"")
    return {
        "bytes": size,
        "root": tagged("parley-1 file", u64(size), highest).hex(),
        "proofs": [[one.hex() for one in path(index, hashes)] for index in range(len(hashes))],
    }


ID = bytes(range(16))
STREAM, KNOWN = bytes([0xA0]) * 16, bytes([0xB0]) * 16
KEY = bytes([0xC0]) * 32
REASONS = {"received": 1, "refused": 2, "cancelled": 3, "changed": 4, "failed": 5}


def signals() -> list[dict]:
    def case(signal: dict, number: int, content: bytes) -> dict:
        return {"signal": signal, "number": number, "content": content.hex()}

    about = {"id": ID.hex()}
    resume = {"type": "resume", "stream": STREAM.hex(), "first": 3, "known": KNOWN.hex(), "received": 2**40}
    get = {"type": "file-get", **about, "kept": 257, "from": 258, "until": 354, "key": KEY.hex()}
    return [
        case(resume, 4, STREAM + u64(3) + KNOWN + u64(2**40)),
        case({"type": "file-query", **about}, 5, ID),
        case(get, 6, ID + u64(257) + u64(258) + u64(354) + KEY),
        case({"type": "file-hold", **about}, 7, ID),
        *(
            case({"type": "file-stop", **about, "reason": reason}, 8, ID + bytes([number]))
            for reason, number in REASONS.items()
        ),
    ]


def offer(name: str, size: int) -> dict:
    fields = {"id": ID.hex(), "name": name, "bytes": size, "root": tree(size)["root"]}
    return {**fields, "text": json.dumps(fields, ensure_ascii=False, separators=(",", ":"))}


offers = [offer("report.pdf", 5 * LEAF + 7), offer("über 你好 \"quoted\" \\ /.txt", 0)]
print(json.dumps({"trees": [tree(n) for n in SIZES], "offers": offers, "signals": signals()}, indent=1, ensure_ascii=False))
