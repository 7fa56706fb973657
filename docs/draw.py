#!/usr/bin/env python3
"""Draws the sample of a round of the index again from an export of the ledger.

usage: draw.py EXPORT YEAR

Prints the numbers of the records that are looked at a second time. docs/index.md tells the draw.
"""

import hashlib
import json
import sys


def main(path, year, share=10, least=1):
    records, checkpoints = [], {}
    with open(path, encoding="utf-8", newline="\n") as lines:
        for line in lines:
            value = json.loads(line)
            if line.startswith('{"about":'):
                records.append((value["about"], value["content"]))
            elif "checkpoint" in value:
                text = json.dumps(value["checkpoint"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
                checkpoints[value["checkpoint"]["number"]] = value["checkpoint"], hashlib.sha256(text.encode()).digest()
    told = [its for about, its in records if about["type"] == "index.round" and about["subject"] == year]
    told = next(its for its in told if its["state"] == "review")
    checkpoint, seed = checkpoints[told["checkpoint"]]
    if "nonce" in told:  # Rounds of before have none.
        seed = hashlib.sha256(seed + bytes.fromhex(told["nonce"])).digest()
    assert seed.hex() == told["seed"], "the seed is not the one of the checkpoint and the nonce"
    view = [about for about, _ in records if about["seq"] < checkpoint["size"]]
    replaced = {about["corrects"] for about in view if "corrects" in about}
    drawn = []
    for about in view:
        attested = about["how"] == "documented" and about["from"] in ("document", "attestation")
        by_person = about["by"].startswith(("person:", "person "))
        current = about["seq"] not in replaced and about.get("until", "9999") > checkpoint["at"]
        if attested and by_person and current and "agency" in about:
            drawn.append(about["seq"])
    count = min(len(drawn), max(least, -(-len(drawn) * share // 100)))
    drawn.sort(key=lambda seq: hashlib.sha256(seed + seq.to_bytes(8, "big")).digest())
    print(*sorted(drawn[:count]))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
