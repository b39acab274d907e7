#!/usr/bin/env python3
"""Writes cfb.json: AES-256-CFB with 128-bit segments, by OpenSSL (`openssl enc -aes-256-cfb`).

OpenSSL is independent of lib/crypto/aes_cfb.ts, which is built on CBC and ECB. One case for each length
from 0 to 100 bytes, and a long one. Keys, IVs and plaintexts are SHA-256 in counter mode, so that a second
run writes the same file.

    python3 tests/vectors/generate_cfb.py > tests/vectors/cfb.json
"""
import hashlib
import json
import subprocess

LENGTHS = [*range(101), 4099]


def expand(label: str, length: int) -> bytes:
    blocks = (hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(length // 32 + 1))
    return b"".join(blocks)[:length]


def encrypt(key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    command = ["openssl", "enc", "-aes-256-cfb", "-K", key.hex(), "-iv", iv.hex()]
    return subprocess.run(command, input=plaintext, capture_output=True, check=True).stdout


def case(length: int) -> dict[str, str]:
    key, iv = expand(f"cfb key {length}", 32), expand(f"cfb iv {length}", 16)
    plaintext = expand(f"cfb plaintext {length}", length)
    ciphertext = encrypt(key, iv, plaintext)
    assert len(ciphertext) == length
    return {
        "key": key.hex(),
        "iv": iv.hex(),
        "plaintext": plaintext.hex(),
        "ciphertext": ciphertext.hex(),
    }


version = subprocess.run(["openssl", "version"], capture_output=True, check=True, text=True).stdout
print(json.dumps({"source": version.strip(), "cases": [case(n) for n in LENGTHS]}, indent=1))
