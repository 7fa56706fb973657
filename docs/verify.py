#!/usr/bin/env python3
"""Verify an export of a ledger of Khiên: python3 verify.py EXPORT [FINGERPRINT]

Uses nothing of Khiên: reads the form of all lines, the chain of records, the hashes of their contents, the tree over
them (RFC 6962) and both signatures (Ed25519 and ML-DSA-65) of every checkpoint and of the end, as ledger-format.md
tells. Ends with 0 if all holds, with 3 and the first line that does not if not. Needs `cryptography` 47 or later."""
import base64, datetime, functools, hashlib, json, re, sys

from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa, mlkem

LINE_BYTES, PART_BYTES, DEPTH, NUMBERS, NOTHING = 1 << 20, 1 << 18, 8, 1 << 53, "0" * 64
VALUES = {
    "text": r'"([^"\\]|\\.)*"', "code": '"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?"', "hash": '"[0-9a-f]{64}"', "one": "1",
    "moment": '"[^"]{20}"', "int": "-?[0-9]+", "count": "[0-9]+", "how": '"(measured|documented|declared)"',
    "origin": '"(event|alert|incident|document|attestation|probe|drill|register|decision)"'}
PARTS = {
    "about": "(agency:code,)?at:moment,by:text,content_hash:hash,(corrects:count,)?from:origin,how:how,prev:hash,"
    "recorded:moment,ref:text,schema:int,seq:count,subject:text(,system:code)?,type:text(,until:moment)?",
    "checkpoint": "at:moment,key:hash,number:count,previous:hash,reason:code,root:hash,size:count",
    "end": "at:moment,checkpoints:count,key:hash,records:count,tip:hash", "began": "centre:text,format:one,key:text"}
shape = lambda part: re.sub("([a-z_]+):([a-z]+)", lambda field: f'"{field[1]}":{VALUES[field[2]]}', part)
PARTS = {what: re.compile(f"{{{shape(part)}}}".encode()) for what, part in PARTS.items()}
canonical = lambda value: json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
within = lambda value: value.values() if type(value) is dict else value if type(value) is list else ()
is_one = lambda value: type(value) in (str, bool, dict, list) or type(value) is int and abs(value) < NUMBERS
is_plain = lambda value, deep: is_one(value) and deep <= DEPTH and all(is_plain(its, deep + 1) for its in within(value))
is_moment = lambda text: datetime.datetime.fromisoformat(text[:19]).isoformat() + "Z" == text < "9999"
sha256 = lambda *parts: hashlib.sha256(b"".join(parts)).digest()
root = lambda frontier: functools.reduce(lambda right, left: sha256(b"\1", left, right), reversed(frontier)).hex()


def check(holds, why="the line is not canonical, or not of a ledger"):
    if not holds:
        raise ValueError(why)


class Key:
    def __init__(self, letters):
        raw = base64.b64decode(letters, validate=True)
        check(base64.b64encode(raw).decode() == letters and len(raw) == 3201 and raw[0] == 1, "no key of version 1")
        self.fingerprint = sha256(b"khien public key v1\0", raw[1:])
        self.classic = ed25519.Ed25519PublicKey.from_public_bytes(raw[1:33])
        self.ml_dsa = mldsa.MLDSA65PublicKey.from_public_bytes(raw[33:1985])
        mlkem.MLKEM768PublicKey.from_public_bytes(raw[1985:3169])  # it signs nothing, but must be a key

    def verify(self, text, signature):
        raw = base64.b64decode(signature, validate=True)
        check(base64.b64encode(raw).decode() == signature and len(raw) == 3406 and raw[0] == 1, "no signature")
        check(raw[1:33] == self.fingerprint, "somebody else signed")
        statement = b"khien signature v1\0" + raw[1:33] + len(text).to_bytes(8, "big") + hashlib.sha512(text).digest()
        self.classic.verify(raw[33:97], statement)
        self.ml_dsa.verify(raw[97:], statement)


def verify(lines, expected, at):
    size, checkpoints, covered, prev, last, frontier, key, ended = 0, 0, 0, NOTHING, NOTHING, [], None, False
    for at[0], line in enumerate(lines, 1):
        check(line.endswith(b"\n") and not ended, "the line is cut off or too long, or stands after the end")
        entry = json.loads(line)
        check(canonical(entry) + b"\n" == line and is_plain(entry, -1))
        (what, said), (beside, other) = entry.items()
        text, other_text = canonical(said), canonical(other)
        check(PARTS[what].fullmatch(text) and beside == ("content" if what == "about" else "signature"))
        check(all(is_moment(said[name]) for name in ("at", "recorded", "until") if name in said), "no moment")
        if what == "about":
            check(type(other) is dict and len(text) <= PART_BYTES >= len(other_text), "no content, or too long")
            check((said["seq"], said["prev"]) == (size, prev), "a record is missing, added, moved or changed")
            check(said["content_hash"] == sha256(other_text).hex(), "its content was changed")
            if size == 0:
                check(said["type"] == "ledger.began" and PARTS["began"].fullmatch(other_text), "it names no key")
                key = Key(other["key"])
                check(expected in (None, key.fingerprint.hex()), "the ledger has another key")
            leaf = sha256(b"\0", text)
            prev, full, size = leaf.hex(), size, size + 1
            while full & 1:
                leaf, full = sha256(b"\1", frontier.pop(), leaf), full >> 1
            frontier.append(leaf)
            continue
        if what == "checkpoint":
            facts = {"number": checkpoints, "previous": last, "root": root(frontier), "size": size}
            checkpoints, last, covered = checkpoints + 1, sha256(text).hex(), size
        else:
            check(what == "end" and covered == size, "records are not covered by a checkpoint")
            facts, ended = {"checkpoints": checkpoints, "records": size, "tip": prev}, True
        check(said == said | facts | {"key": key.fingerprint.hex()}, "it says something else than the lines before it")
        key.verify(text, other)
    at[0] += 1
    check(ended, "the end is missing")
    return {"holds": True, "records": size, "checkpoints": checkpoints, "root": root(frontier)}


if __name__ == "__main__":
    at, expected = [0], sys.argv[2].replace(":", "").lower() if len(sys.argv) > 2 else None
    with open(sys.argv[1], "rb") as file:
        try:
            print(json.dumps(verify(iter(lambda: file.readline(LINE_BYTES), b""), expected, at)))
        except Exception as error:  # whatever is wrong, the ledger does not hold
            print(json.dumps({"holds": False, "line": at[0], "reason": str(error) or type(error).__name__}))
            sys.exit(3)
