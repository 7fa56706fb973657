"""Compares what a scan finds in files with what a centre finds in them after `khien push`.

Run by scripts/test-same-detections. A hit is a rule with the file and the number of the record. A
correlation is its rule, what it groups by, and the last event that made it true.
"""

import argparse
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

PATIENCE = 120
# Who answers for an agency that is registered.
HEADS = ["--head", "Cán bộ Mẫu 901", "--deputy", "Cán bộ Mẫu 902", "--document", "01/QĐ.MH"]
HEADS += ["--signed", "2026-01-05", "--until", "2028-12-31"]
# Differences that are shown.
SHOWN = 20


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode not in (0, 10):
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


def scanned(khien, rules, path, folder):
    """Hits and correlations of a scan, and how many events it read."""
    summary = folder / "summary.json"
    told = run(khien, "scan", path, "--rules", *rules, "--json", "--quiet", "--summary", summary)
    hits, correlations = Counter(), Counter()
    for line in told.splitlines():
        found = json.loads(line)
        rule = found["rule"]["id"]
        if "correlation" in found:
            group = [m["value"] for m in found["matched"] if m["modifier"] == "group-by"]
            last = found["correlation"]["events"][-1]
            correlations[rule, " ".join(group), last["file"], last["record"]] += 1
        else:
            hits[rule, found["source"]["file"], found["source"]["record"]] += 1
    return hits, correlations, json.loads(summary.read_text(encoding="utf-8"))["events"]


class Centre:
    """A centre with one source, on the loopback."""

    def __init__(self, khien, rules, folder):
        self.khien, self.data = khien, folder / "data"
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        run(khien, "init", "--data", self.data)
        (self.data / "khien.toml").write_text(
            f'[rules]\nfolders = {json.dumps([str(Path(rule).resolve()) for rule in rules])}\n'
            f'[server]\nhttp = "127.0.0.1:{port}"\nplain_http = true\n',
            encoding="utf-8",
        )
        run(khien, "agency", "add", "--data", self.data, "--code", "sokhcn", "--name", "Sở", *HEADS)
        run(
            khien, "system", "add", "--data", self.data, "--agency", "sokhcn", "--code", "he-thong",
            "--name", "Hệ thống", "--level", "3",
        )
        made = run(
            khien, "source", "add", "--data", self.data, "--system", "he-thong", "--kind", "file",
            "--name", "tệp", "--json",
        )
        self.token = json.loads(made)["token"]
        self.log = open(folder / "serve.log", "wb")
        self.process = subprocess.Popen([khien, "serve", "--data", self.data], stderr=self.log)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the centre does not start")

    def push(self, path):
        return json.loads(run(
            self.khien, "push", path, "--to", self.url, "--token", self.token, "--quiet", "--json"
        ))

    def rows(self, query, *fields):
        told = run(
            self.khien, "search", "--data", self.data, "--format", "jsonl", "--fields", ",".join(fields), query
        )
        return map(json.loads, told.splitlines())

    def found(self, pushed):
        """Hits and correlations of the centre, once nothing more comes, and how many events it has."""
        hits, places = Counter(), {}
        for row in self.rows("rules:*", "rules", "origin", "record", "batch", "item"):
            for rule in row["rules"].split():
                hits[rule, row["origin"], row["record"]] += 1
        alerts = json.loads(
            run(self.khien, "alert", "list", "--data", self.data, "--json", "--limit", "1000000")
        )
        alerts = [alert for alert in alerts if alert["kind"] == "correlation"]
        correlations, kept, of_alerts = Counter(), Counter(), 0
        if alerts:
            for row in self.rows("", "origin", "record", "batch", "item"):
                places[f"{row['batch']}-{row['item']}"] = (row["origin"], row["record"])
        for alert in alerts:
            of_alerts += alert["count"]
            detail = json.loads(
                run(self.khien, "alert", "show", "--data", self.data, "--json", alert["id"])
            )
            for event in detail["events"]:
                group = [m["value"] for m in event["matched"] if m["field"] != "event"]
                correlations[alert["rule"], " ".join(group), *places[event["id"]]] += 1
            kept[alert["rule"], alert["entity"]] += alert["count"] - len(detail["events"])
        count = json.loads(run(self.khien, "search", "--data", self.data, "--count", "", "--json"))
        assert of_alerts == pushed["correlations"], (of_alerts, pushed)
        return hits, correlations, +kept, count["count"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.log.close()


def tell(what, scan, centre):
    """Tells a difference of two multisets; answers how large it is."""
    missing, more = scan - centre, centre - scan
    for words, those in ((f"{what} of the scan alone", missing), (f"{what} of the centre alone", more)):
        for one, count in list(those.items())[:SHOWN]:
            print(f"  {words}: {count} × {one}")
    return missing.total() + more.total()


def compare(khien, rules, path):
    folder = Path(tempfile.mkdtemp(prefix="khien-same-"))
    hits, correlations, events = scanned(khien, rules, path, folder)
    centre = Centre(khien, rules, folder)
    try:
        pushed = centre.push(path)
        found = centre.found(pushed)
    finally:
        centre.stop()
    their_hits, their_correlations, unkept, their_events = found
    differences = tell("hit", hits, their_hits)
    # An alert keeps its first events and counts the others: of those only the number is compared.
    for rule, group, *_ in list((correlations - their_correlations).elements()):
        unkept[rule, group] -= 1
    counted = {key: left for key, left in unkept.items() if left != 0}
    differences += tell("correlation", Counter(), their_correlations - correlations)
    for key, left in counted.items():
        print(f"  correlation {key}: the {'centre' if left > 0 else 'scan'} has {abs(left)} more")
        differences += abs(left)
    if events != their_events:
        print(f"  the scan read {events} events and the centre {their_events}")
        differences += 1
    word = "ok    " if differences == 0 else "FAILED"
    print(
        f"{word} {path}: {events} events, {hits.total()} hits, {correlations.total()} correlations; "
        f"{len(pushed['unreadable'])} files are no logs; {differences} differences", flush=True,
    )
    shutil.rmtree(folder)
    return differences


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--khien", required=True)
    parser.add_argument("--rules", nargs="+", required=True)
    parser.add_argument("--paths", nargs="+", required=True)
    arguments = parser.parse_args()
    khien = str(Path(arguments.khien).resolve())
    differences = [compare(khien, arguments.rules, path) for path in arguments.paths]
    return 1 if any(differences) else 0


if __name__ == "__main__":
    sys.exit(main())
