#!/usr/bin/env python3
"""Writes transfer.json: hash trees, proofs, offers, signals and frames, by a second implementation of docs/PROTOCOL.md,
over hashlib alone; HMAC, boxes and padding are those of generate_specification.py.

    python3 tests/vectors/generate_transfer.py > tests/vectors/transfer.json
"""
import hashlib
import json
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from generate_specification import pad, seal
from primitives import hkdf

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


SESSION, IV = bytes([0xD0]) * 32, bytes([0xE0]) * 16


def frame(size: int, begin: int, until: int, place: int) -> dict:
    leaves = leaves_of(size)
    hashes = [tagged("parley-1 file leaf", leaf) for leaf in leaves]
    root = bytes.fromhex(tree(size)["root"])
    window = tagged("parley-1 file window", ID, root, u64(size), u64(begin), u64(until))
    keys = hkdf(KEY, SESSION, b"parley-1 file stream" + window, 72)
    header = b"parley-1\x05" + keys[64:] + struct.pack(">I", place)
    proof = path(begin + place, hashes)
    payload = pad(bytes([len(proof)]) + b"".join(proof) + leaves[begin + place])
    sealed = header + seal(keys[:64], IV, header, payload)
    fields = {"bytes": size, "root": root.hex(), "from": begin, "until": until, "place": place}
    return {**fields, "label": keys[64:].hex(), "length": len(sealed), "hash": hashlib.sha256(sealed).hexdigest()}


size = 5 * LEAF + 7
frames = {
    "id": ID.hex(),
    "key": KEY.hex(),
    "sessionId": SESSION.hex(),
    "iv": IV.hex(),
    "frames": [frame(size, 0, 2, 0), frame(size, 0, 2, 1), frame(size, 2, 6, 3), frame(1, 0, 1, 0)],
}

offers = [offer("report.pdf", 5 * LEAF + 7), offer("über 你好 \"quoted\" \\ /.txt", 0)]
vectors = {"trees": [tree(n) for n in SIZES], "offers": offers, "signals": signals(), "windows": frames}
print(json.dumps(vectors, indent=1, ensure_ascii=False))
