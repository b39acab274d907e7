#!/usr/bin/env python3
"""Writes cfb8.json: AES-256-CFB with 8-bit segments, by OpenSSL (`openssl enc -aes-256-cfb8`).

Every case is also computed by pycryptodome with its default segment size, which is what the original protocol's
clients call: the script stops if the two differ. One case for each length from 0 to 100 bytes, and a long one. Keys,
IVs and plaintexts are SHA-256 in counter mode, so that a second run writes the same file.

    /usr/bin/python3 tests/vectors/generate_cfb8.py > tests/vectors/cfb8.json
"""
import hashlib
import json
import subprocess

try:
    import Crypto as pycryptodome
    from Crypto.Cipher import AES
except ImportError:  # Debian's name for it
    import Cryptodome as pycryptodome
    from Cryptodome.Cipher import AES

LENGTHS = [*range(101), 1031]


def expand(label: str, length: int) -> bytes:
    blocks = (hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(length // 32 + 1))
    return b"".join(blocks)[:length]


def encrypt(key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    command = ["openssl", "enc", "-aes-256-cfb8", "-K", key.hex(), "-iv", iv.hex()]
    ciphertext = subprocess.run(command, input=plaintext, capture_output=True, check=True).stdout
    assert ciphertext == AES.new(key, AES.MODE_CFB, iv).encrypt(plaintext)
    return ciphertext


def case(length: int) -> dict[str, str]:
    key, iv = expand(f"cfb8 key {length}", 32), expand(f"cfb8 iv {length}", 16)
    plaintext = expand(f"cfb8 plaintext {length}", length)
    ciphertext = encrypt(key, iv, plaintext)
    assert len(ciphertext) == length
    return {
        "key": key.hex(),
        "iv": iv.hex(),
        "plaintext": plaintext.hex(),
        "ciphertext": ciphertext.hex(),
    }


openssl = subprocess.run(["openssl", "version"], capture_output=True, check=True, text=True).stdout
source = f"{openssl.strip()}; pycryptodome {pycryptodome.__version__} agrees"
print(json.dumps({"source": source, "cases": [case(n) for n in LENGTHS]}, indent=1))
