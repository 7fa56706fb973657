#!/usr/bin/env python3
"""Verify an export of a ledger of Khiên: python3 verify.py EXPORT [FINGERPRINT]

Uses nothing of Khiên: reads the chain of records, the hashes of their contents, the tree over them (RFC 6962)
and both signatures (Ed25519 and ML-DSA-65) of every checkpoint and of the end, as ledger-format.md tells.
Ends with 0 if all holds, otherwise with 3 and the first line that does not. Needs `cryptography` 47 or later.
"""
import base64, hashlib, json, sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey

NOTHING = "0" * 64


sha256 = lambda *parts: hashlib.sha256(b"".join(parts)).digest()
canonical = lambda value: json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def check(holds, why):
    if not holds:
        raise ValueError(why)


class Key:
    def __init__(self, text):
        raw = base64.b64decode(text, validate=True)
        check(raw[0] == 1 and len(raw) == 1 + 32 + 1952 + 1216, "the key is of another version")
        self.fingerprint = sha256(b"khien public key v1\0", raw[1:])
        self.classic = Ed25519PublicKey.from_public_bytes(raw[1:33])
        self.ml_dsa = MLDSA65PublicKey.from_public_bytes(raw[33:1985])

    def verify(self, text, signature):
        raw = base64.b64decode(signature, validate=True)
        check(base64.b64encode(raw).decode() == signature, "the signature has another form")
        check(len(raw) == 1 + 32 + 64 + 3309 and raw[0] == 1, "the signature is of another version")
        check(raw[1:33] == self.fingerprint, "somebody else signed")
        length, digest = len(text).to_bytes(8, "big"), hashlib.sha512(text).digest()
        statement = b"khien signature v1\0" + self.fingerprint + length + digest
        self.classic.verify(raw[33:97], statement)
        self.ml_dsa.verify(raw[97:], statement)


def root(frontier):
    right = frontier[-1]
    for left in reversed(frontier[:-1]):
        right = sha256(b"\1", left, right)
    return right.hex()


def verify(lines, expected, at):
    size, prev, frontier, key, ended = 0, NOTHING, [], None, False
    checkpoints, last, covered = 0, NOTHING, 0
    for at[0], line in enumerate(lines, 1):
        check(line.endswith("\n") and not ended, "the line is cut off, or stands after the end")
        entry = json.loads(line)
        if "about" in entry:
            about, content = entry["about"], entry["content"]
            text = f'{{"about":{canonical(about)},"content":{canonical(content)}}}\n'
            check(text == line, "the line is not canonical")
            check(about["seq"] == size, "a record is missing, added or moved")
            check(about["prev"] == prev, "it does not follow from the record before")
            content_hash = sha256(canonical(content).encode()).hex()
            check(about["content_hash"] == content_hash, "its content was changed")
            if size == 0:
                key = Key(content["key"])
                check(expected in (None, key.fingerprint.hex()), "the ledger has another key")
            leaf = sha256(b"\0", canonical(about).encode())
            prev, full, size = leaf.hex(), size, size + 1
            while full & 1:
                leaf, full = sha256(b"\1", frontier.pop(), leaf), full >> 1
            frontier.append(leaf)
            continue
        (what, said), (_, signature) = entry.items()
        text = canonical(said)
        check(line == f'{{"{what}":{text},"signature":"{signature}"}}\n', "the line is not canonical")
        if what == "checkpoint":
            facts = {"number": checkpoints, "previous": last, "root": root(frontier), "size": size}
            checkpoints, last, covered = checkpoints + 1, sha256(text.encode()).hex(), size
        else:
            check(what == "end" and covered == size, "records are not covered by a checkpoint")
            facts, ended = {"checkpoints": checkpoints, "records": size, "tip": prev}, True
        facts["key"] = key.fingerprint.hex()
        check(said == said | facts, "it says something else than the records before it")
        key.verify(text.encode(), signature)
    check(ended, "the end is missing")
    return {"holds": True, "records": size, "checkpoints": checkpoints, "root": root(frontier)}


if __name__ == "__main__":
    at = [0]
    with open(sys.argv[1], encoding="utf-8", newline="\n") as file:
        try:
            print(json.dumps(verify(file, sys.argv[2] if len(sys.argv) > 2 else None, at)))
        except Exception as error:  # whatever is wrong, the ledger does not hold
            print(json.dumps({"holds": False, "line": at[0], "reason": str(error) or type(error).__name__}))
            sys.exit(3)
