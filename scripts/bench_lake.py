"""Fills a lake, searches it, and asks DuckDB the same; called by bench-lake."""

import argparse
import datetime
import json
import pathlib
import statistics
import subprocess
import tempfile
import time
import zipfile

import duckdb

ABSENT, PRESENT = "203.0.113.77", "198.51.100.23"
BEGIN = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
DAY = BEGIN + datetime.timedelta(days=10)
RUNS = 5


def unpack(folder, out):
    """All JSON lines of the zipped recordings in one file; answers how many."""
    lines = 0
    with open(out, "wb") as all_lines:
        for path in sorted(folder.glob("*.[zZ]ip")) if folder.is_dir() else []:
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    if name.endswith(".json"):
                        for line in archive.read(name).splitlines():
                            if line.startswith(b"{"):
                                all_lines.write(line + b"\n")
                                lines += 1
    return lines


def gzip_bytes(path):
    """What gzip -6 makes of a file."""
    return int(subprocess.run(f"gzip -6 -c '{path}' | wc -c", shell=True, check=True, stdout=subprocess.PIPE).stdout)


def bench(program, *words):
    """Runs the bench and answers its figures."""
    out = subprocess.run([program, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True)
    figures = [json.loads(line) for line in out.stdout.splitlines()]
    return {figure["what"]: (figure["value"], figure["unit"]) for figure in figures}


def questions(files, day):
    """The same questions in SQL."""
    every = f"FROM read_parquet('{files}/*/*.parquet')"
    one = f"FROM read_parquet('{files}/day={day:%Y-%m-%d}/*.parquet')"
    return {
        "filter absent address": f"SELECT count(*) {every} WHERE src_ip = '{ABSENT}' OR dst_ip = '{ABSENT}'",
        "filter present address": f"SELECT count(*) {every} WHERE src_ip = '{PRESENT}' OR dst_ip = '{PRESENT}'",
        "one-day histogram and top values": [
            f"SELECT epoch_us(time) // 3600000000 AS hour, count(*) AS n {one} GROUP BY hour",
            f"SELECT host, count(*) AS n {one} GROUP BY host ORDER BY n DESC LIMIT 10",
            f"SELECT src_ip, count(*) AS n {one} GROUP BY src_ip ORDER BY n DESC LIMIT 10",
        ],
        "one-day free text, rare": f"SELECT count(*) {one} WHERE raw ILIKE '%mimikatz%'",
        "one-day free text, frequent": f"SELECT count(*) {one} WHERE raw ILIKE '%windows%'",
        "one-day free text, Vietnamese": f"SELECT count(*) {one} WHERE raw ILIKE '%đăng nhập thất bại%'",
    }


def ask_duckdb(files):
    """Milliseconds and found events of each question, with the same two threads."""
    peer = duckdb.connect()
    peer.execute("SET threads = 2")
    answers = {}
    for what, sql in questions(files, DAY).items():
        times, found = [], 0
        for _ in range(RUNS):
            begin = time.monotonic()
            parts = [peer.execute(one).fetchall() for one in ([sql] if isinstance(sql, str) else sql)]
            times.append((time.monotonic() - begin) * 1000)
            found = sum(row[-1] for row in parts[0])
        answers[what] = (statistics.median(times), found)
    return answers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bench", required=True)
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--json", type=pathlib.Path, required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="khien-lake-") as work:
        work = pathlib.Path(work)
        lines = work / "lines.json"
        figures, gzipped = {}, None
        if unpack(given.json, lines):
            count = sum(1 for _ in open(lines, "rb"))
            gzipped = gzip_bytes(lines) / count
            figures |= bench(given.bench, "only", work / "only", lines)
            figures |= bench(given.bench, "make", work / "lake", given.events, lines)
        else:
            figures |= bench(given.bench, "make", work / "lake", given.events)
        figures |= bench(given.bench, "ask", work / "lake")
        peer = ask_duckdb(work / "lake" / "events")
    print(f"{'':46} {'Khiên':>12} {'DuckDB':>12} {'ratio':>6}")
    for what, (value, unit) in figures.items():
        beside = ""
        if what in peer:
            beside = f"{peer[what][0]:12.1f} {value / peer[what][0]:6.2f}"
            if (mine := figures[f"{what}: events"][0]) != peer[what][1]:
                beside += f"  counts differ: {mine:.0f} and {peer[what][1]}"
        if what == "bytes of a Windows event":
            beside = f"gzip -6: {gzipped:.1f}, ratio {value / gzipped:.2f}"
        print(f"{what:46} {value:12.1f} {beside} {unit}")


main()
