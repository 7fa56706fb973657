#!/usr/bin/env python3
"""Opens sealed files and verifies signatures of Khiên without Khiên, as sealed-format.md says.

    open.py open SEALED NAME.key OUT
    open.py verify FILE SIGNATURE NAME.pub

Needs Python 3.11 and `cryptography` of PyPI with ML-KEM, ML-DSA and HPKE (50.0.2 has them). Exit code 0 when all is well, 1 when not; then OUT is not there.
"""
import base64, hashlib, hmac, os, sys

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa, mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK, TAG, RECIPIENT, RECIPIENTS = 65536, 16, 32 + 1120 + 48, 1000
LETTERS, LINE, BLANKS = 64, 256, " \t\r\n\f"
LENGTHS = {"KHIEN SECRET KEY": 96, "KHIEN PUBLIC KEY": 3200, "KHIEN SIGNATURE": 3405}


def need(good, why):
    if not good:
        sys.exit(f"open.py: {why}")


def unbase64(letters):
    data = base64.b64decode(letters, validate=True)
    need(base64.b64encode(data).decode() == letters, "base64 of another form")
    return data


def armoured(lines):
    """The bytes of a sealed file that is a text, line by line."""
    lines = (line.decode("ascii").strip(BLANKS) for line in lines)
    need(next(lines, "") == "-----BEGIN KHIEN SEALED FILE-----", "no sealed file")
    is_last = False
    for line in lines:
        if line == "-----END KHIEN SEALED FILE-----":
            need(not any(lines), "more follows the last line")
            return
        need(not is_last and len(line) <= LETTERS, "a line is too long, or not full")
        yield (data := unbase64(line))
        is_last = len(data) < LETTERS // 4 * 3
    need(False, "the last line is missing")


def block(path, kind):
    """The bytes of a key or a signature without their version; other lines may stand around it."""
    with open(path, "rb") as file:
        lines = [line.strip(BLANKS) for line in file.read().decode().removeprefix("\ufeff").split("\n")]
    first, last = f"-----BEGIN {kind}-----", f"-----END {kind}-----"
    need(lines.count(first) == 1 and last in lines[lines.index(first) :], f"{path} is not one {kind}")
    begin = lines.index(first) + 1
    letters = "".join(lines[begin : lines.index(last, begin)])
    data = unbase64("".join(letter for letter in letters if letter not in BLANKS))
    need(len(data) == 1 + LENGTHS[kind] and data[0] == 1, f"{path} is damaged or of a later version")
    return data[1:]


class Joined:
    """Reads pieces of bytes as one file."""

    def __init__(self, pieces):
        self.pieces, self.rest = pieces, bytearray()

    def read(self, size):
        while len(self.rest) < size and (piece := next(self.pieces, b"")):
            self.rest += piece
        taken, self.rest = self.rest[:size], self.rest[size:]
        return bytes(taken)


def public_of(seeds):
    """The public key of the three seeds, and what opens."""
    signs = ed25519.Ed25519PrivateKey.from_private_bytes(seeds[:32]).public_key().public_bytes_raw()
    lattice = mldsa.MLDSA65PrivateKey.from_seed_bytes(seeds[32:64]).public_key().public_bytes_raw()
    expanded = hashlib.shake_256(seeds[64:]).digest(96)
    kem = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    curve = x25519.X25519PrivateKey.from_private_bytes(expanded[64:])
    seals = kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
    return signs + lattice + seals, MLKEM768X25519PrivateKey(kem, curve)


def fingerprint(public):
    return hashlib.sha256(b"khien public key v1\0" + public).digest()


def derive(file_key, salt, info):
    return HKDF(SHA256(), 32, salt, info).derive(file_key)


def opened(file, key_path):
    """The contents, chunk by chunk; each is right, but not all may be there."""
    public, key = public_of(block(key_path, "KHIEN SECRET KEY"))
    own = fingerprint(public)
    head = file.read(11)
    need(head[:8] == b"KHIENSL1" and len(head) == 11, "no sealed file")
    need(head[8] in (1, 2), "an unknown cipher")
    count = int.from_bytes(head[9:])
    recipients = file.read(count * RECIPIENT)
    need(1 <= count <= RECIPIENTS and len(recipients) == count * RECIPIENT, "the head was changed")
    mine = [r for at in range(0, len(recipients), RECIPIENT) if (r := recipients[at : at + RECIPIENT])[:32] == own]
    need(mine, "not sealed to this key")
    suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    file_key = suite.decrypt(mine[0][32:], key, b"khien sealed file v1\0" + own)
    header = head + recipients
    tag = hmac.digest(derive(file_key, b"", b"khien header v1"), header, "sha256")
    need(hmac.compare_digest(tag, file.read(32)), "the head was changed")
    cipher = {1: AESGCM, 2: ChaCha20Poly1305}[head[8]](
        derive(file_key, hashlib.sha256(header).digest(), b"khien contents v1")
    )
    number, chunk = 0, file.read(CHUNK + TAG)
    while True:
        following = file.read(CHUNK + TAG) if len(chunk) == CHUNK + TAG else b""
        nonce = bytes(3) + number.to_bytes(8) + bytes([not following])
        contents = cipher.decrypt(nonce, chunk, b"")
        need(contents or number == 0, "an empty chunk")
        yield contents
        if not following:
            return
        number, chunk = number + 1, following


def open_file(sealed_path, key_path, out_path):
    part = out_path + ".part"
    with open(sealed_path, "rb") as sealed, open(part, "xb") as out:
        try:
            text = sealed.peek(33).startswith(b"-----BEGIN KHIEN SEALED FILE-----")
            lines = iter(lambda: sealed.readline(LINE), b"")
            for contents in opened(Joined(armoured(lines)) if text else sealed, key_path):
                out.write(contents)
            out.flush()
            os.link(part, out_path)
        finally:
            os.unlink(part)


def verify_file(path, signature_path, public_path):
    public, signature = block(public_path, "KHIEN PUBLIC KEY"), block(signature_path, "KHIEN SIGNATURE")
    mlkem.MLKEM768PublicKey.from_public_bytes(public[1984:3168])  # signs nothing, but must be a key
    by, classic, lattice = signature[:32], signature[32:96], signature[96:]
    need(by == fingerprint(public), "signed by another key")
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha512").digest()
        statement = b"khien signature v1\0" + by + file.tell().to_bytes(8) + digest
    ed25519.Ed25519PublicKey.from_public_bytes(public[:32]).verify(classic, statement)
    mldsa.MLDSA65PublicKey.from_public_bytes(public[32:1984]).verify(lattice, statement)


def main(*arguments):
    commands = {"open": open_file, "verify": verify_file}
    need(len(arguments) == 4 and arguments[0] in commands, __doc__)
    try:
        commands[arguments[0]](*arguments[1:])
    except OSError as error:
        need(False, error)
    except (InvalidSignature, InvalidTag, ValueError) as error:
        need(False, f"wrong, or changed, reordered or cut ({type(error).__name__})")


if __name__ == "__main__":
    main(*sys.argv[1:])
