#!/usr/bin/env python3
"""Writes cfb.json and cfb8.json: AES-256-CFB with segments of 128 and of 8 bits, by OpenSSL (`openssl enc`).

OpenSSL is independent of lib/crypto/aes_cfb.ts, which is built on CBC and ECB. Every case of 8 bits is also computed by
pycryptodome with its default segment size, which is what the original protocol's clients call: the script stops if the
two differ. One case for each length from 0 to 100 bytes, and a long one. Keys, IVs and plaintexts are SHA-256 in
counter mode, so that a second run writes the same file.

    /usr/bin/python3 tests/vectors/generate_cfb.py
"""
import hashlib
import json
import pathlib
import subprocess

try:
    import Crypto as pycryptodome
    from Crypto.Cipher import AES
except ImportError:  # Debian's name for it
    import Cryptodome as pycryptodome
    from Cryptodome.Cipher import AES

HERE = pathlib.Path(__file__).resolve().parent


def expand(label: str, length: int) -> bytes:
    blocks = (hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(length // 32 + 1))
    return b"".join(blocks)[:length]


def case(mode: str, length: int) -> dict[str, str]:
    key, iv = expand(f"{mode} key {length}", 32), expand(f"{mode} iv {length}", 16)
    plaintext = expand(f"{mode} plaintext {length}", length)
    command = ["openssl", "enc", f"-aes-256-{mode}", "-K", key.hex(), "-iv", iv.hex()]
    ciphertext = subprocess.run(command, input=plaintext, capture_output=True, check=True).stdout
    assert len(ciphertext) == length
    assert mode == "cfb" or ciphertext == AES.new(key, AES.MODE_CFB, iv).encrypt(plaintext)
    return {
        "key": key.hex(),
        "iv": iv.hex(),
        "plaintext": plaintext.hex(),
        "ciphertext": ciphertext.hex(),
    }


openssl = subprocess.run(["openssl", "version"], capture_output=True, check=True, text=True).stdout.strip()
for mode, longest, source in (
    ("cfb", 4099, openssl),
    ("cfb8", 1031, f"{openssl}; pycryptodome {pycryptodome.__version__} agrees"),
):
    cases = [case(mode, length) for length in (*range(101), longest)]
    (HERE / f"{mode}.json").write_text(json.dumps({"source": source, "cases": cases}, indent=1) + "\n")
