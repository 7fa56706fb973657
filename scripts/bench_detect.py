"""Runs khien and its peers in turn and prints what they cost; called by bench-detect."""

import argparse
import datetime
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import tempfile
import zipfile

# So many events the parts of Zircolite are given: they take minutes for all.
SUBSET = 20_000


def run(command, stdin=None):
    """Runs a command to its end; answers processor seconds and the peak of memory in MiB."""
    with open(stdin, "rb") if stdin else open(os.devnull, "rb") as given:
        process = subprocess.Popen(
            command, stdin=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 10):
        raise SystemExit(f"{command[0]} ended with {code}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def median_of(samples):
    return statistics.median(seconds for seconds, _ in samples)


def in_turn(commands, runs):
    """Runs all commands once, then the next round, so that each meets the same disturbances."""
    samples = {name: [] for name in commands}
    for round_ in range(runs + 1):
        for name, (command, stdin) in commands.items():
            sample = run(command, stdin)
            if round_ > 0:
                samples[name].append(sample)
    return samples


def row(name, seconds, events, memory, note=""):
    rate = f"{events / seconds:>12,.0f}" if events else f"{'':>12}"
    print(f"{name:<44}{seconds:>9.3f}{rate}{memory:>9.0f}  {note}")


def head(title):
    print(f"\n{title}\n{'':<44}{'CPU s':>9}{'events/s':>12}{'MiB':>9}")


def unpack(folder, into):
    """The JSON files of a folder, those in zip archives too."""
    files = []
    for path in sorted(pathlib.Path(folder).iterdir()):
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                for entry in archive.infolist():
                    name = pathlib.Path(entry.filename)
                    if name.suffix == ".json" and not entry.filename.startswith("__MACOSX"):
                        target = into / name.name
                        target.write_bytes(archive.read(entry))
                        files.append(target)
        elif path.suffix == ".json":
            files.append(pathlib.Path(shutil.copy(path, into)))
    return files


def main():
    parser = argparse.ArgumentParser()
    for name in ("khien", "peers", "python", "evtx", "json", "rules"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    peers = pathlib.Path(options.peers)
    work = pathlib.Path(tempfile.mkdtemp(prefix="khien-bench-"))
    try:
        measure(options, peers, work)
    finally:
        shutil.rmtree(work)


def measure(options, peers, work):
    khien, rules, runs = options.khien, options.rules, options.runs
    summary = work / "summary.json"
    empty = work / "empty.json"
    empty.write_text("{}\n")

    def scan(path, *more):
        return [khien, "scan", str(path), "--rules", rules, "--threads", "1", "--quiet",
                "--format", "jsonl", "--output", os.devnull, *more]

    def events_of(path):
        run(scan(path, "--summary", str(summary)))
        return json.loads(summary.read_text())["events"]

    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "?")
    print(f"{datetime.date.today()}  {model}, {os.cpu_count()} processors, {runs} runs, medians")

    print("\nloading the rules")
    loads = in_turn({"khien": (scan(empty), None)}, runs)["khien"]
    load, memory = median_of(loads), max(memory for _, memory in loads)
    row("khien, one event", load, 0, memory)

    folder = work / "evtx"
    shutil.copytree(options.evtx, folder, ignore=lambda d, names: [
        n for n in names if not n.endswith(".evtx") and not os.path.isdir(os.path.join(d, n))])
    for copy in range(1, 10):
        shutil.copytree(folder if copy == 1 else work / "evtx1", work / f"evtx{copy}")
    many = work / "many"
    many.mkdir()
    for copy in range(1, 10):
        shutil.move(work / f"evtx{copy}", many / str(copy))
    events = events_of(many)
    samples = in_turn({"khien": (scan(many), None)}, runs)
    head(f"EVTX: nine copies of {options.evtx}, {events:,} records, load time taken off")
    seconds = median_of(samples["khien"]) - load
    peak = max(memory for _, memory in samples["khien"])
    row("khien scan", seconds, events, peak)
    files = [str(path) for path in sorted(many.rglob("*.evtx"))]
    spawned = in_turn({"evtx_dump": (["sh", "-c", 'exe=$1; shift; for f; do "$exe" -o jsonl -t 1 "$f"; done',
                                      "sh", str(peers / "evtx_dump"), *files[: len(files) // 9]], None),
                       "nothing": (["sh", "-c", 'exe=$1; shift; for f; do "$exe" --version; done',
                                    "sh", str(peers / "evtx_dump"), *files[: len(files) // 9]], None)}, runs)
    dump = median_of(spawned["evtx_dump"]) - median_of(spawned["nothing"])
    row("evtx_dump 0.15.1 (decodes only, no rules)", dump, events // 9,
        max(memory for _, memory in spawned["evtx_dump"]), "starts of processes taken off")
    print(f"khien finds attacks at {events / seconds / (events / 9 / dump):.2f} times the rate at which "
          "evtx_dump only decodes")

    flat = work / "flat"
    flat.mkdir()
    whole = work / "all.json"
    with whole.open("wb") as out:
        for path in unpack(options.json, flat):
            data = path.read_bytes()
            out.write(data if data.endswith(b"\n") else data + b"\n")
    shutil.rmtree(flat)
    evtx_events, events = events, events_of(whole)
    sigma = [str(peers / "rsigma"), "engine", "eval", "-r", rules, "-p", "sysmon", "--output-format", "ndjson"]
    routed = [*sigma, "--logsource-routing"]
    samples = in_turn({
        "khien": (scan(whole), None),
        "rsigma": (sigma, str(whole)),
        "rsigma routed": (routed, str(whole)),
        "rsigma load": (sigma, str(empty)),
        "khien load": (scan(empty), None),
    }, runs)
    head(f"flat JSON: {options.json}, {events:,} events, {whole.stat().st_size / 2**20:,.0f} MiB, load time taken off")
    ours = median_of(samples["khien"]) - median_of(samples["khien load"])
    row("khien scan", ours, events, max(m for _, m in samples["khien"]))
    theirs = {}
    for name in ("rsigma", "rsigma routed"):
        theirs[name] = median_of(samples[name]) - median_of(samples["rsigma load"])
        row(f"{name} 0.23.0 engine eval", theirs[name], events, max(m for _, m in samples[name]))
    print(f"khien is {min(theirs.values()) / ours:.1f} times as fast as the faster of the two")

    zircolite(options, work, scan, whole, empty, events, evtx_events // 9, seconds / evtx_events)

    wide = {}
    for threads in ("1", "2"):
        walls = []
        for _ in range(runs):
            command = scan(whole, "--summary", str(summary))
            command[command.index("--threads") + 1] = threads
            run(command)
            figures = json.loads(summary.read_text())
            walls.append(figures["wall_seconds"] - figures["loading_seconds"])
        wide[threads] = statistics.median(walls)
    print(f"\ntwo threads against one, time on the wall without loading: {wide['1'] / wide['2']:.2f} times")
    print(f"peak memory of any run of khien: {max(peak, max(m for _, m in samples['khien'])):.0f} MiB")


def zircolite(options, work, scan, whole, empty, events, records, evtx_cost):
    """The parts of Zircolite on a part of the flat events, and on the EVTX samples once."""
    runs, script = options.runs, str(pathlib.Path(__file__).with_name("bench_pysigma.py"))
    part, queries, hits = work / "part.json", work / "queries.json", work / "hits.json"
    step, count = max(1, events // SUBSET), 0
    with whole.open("rb") as lines, part.open("wb") as out:
        for number, line in enumerate(lines):
            if number % step == 0 and not line.isspace():
                out.write(line)
                count += 1
    conversion, _ = run([options.python, script, "convert", options.rules, str(queries)])
    converted = json.loads(queries.read_text())
    skipped = converted["skipped"]

    def find(log):
        return [options.python, script, "find", str(queries), str(log), str(hits)]

    samples = in_turn({
        "khien": (scan(part), None),
        "khien load": (scan(empty), None),
        "load": (find(empty), None),
        "evtx": (find(options.evtx), None),
        # Last, since its hits are read below.
        "parts": (find(part), None),
    }, runs)
    head(f"the parts of Zircolite: every {step}th of the flat events, {count:,}, and one copy of the "
         "EVTX samples, load time taken off")
    ours = median_of(samples["khien"]) - median_of(samples["khien load"])
    row("khien scan, flat JSON", ours, count, max(m for _, m in samples["khien"]))
    theirs = median_of(samples["parts"]) - median_of(samples["load"])
    row("pySigma's queries in SQLite, flat JSON", theirs, count, max(m for _, m in samples["parts"]))
    found = json.loads(hits.read_text())
    logs = median_of(samples["evtx"]) - median_of(samples["load"])
    row("pyevtx-rs, pySigma's queries in SQLite, EVTX", logs, records, max(m for _, m in samples["evtx"]))
    print(f"khien is {theirs / ours:.1f} times as fast on flat JSON, {logs / records / evtx_cost:.1f} "
          f"times on EVTX; converting the rules costs pySigma another {conversion:.1f} s")
    print(f"{len(converted['queries']):,} rules converted; skipped: {sum(skipped.values())}")
    for why, number in skipped.items():
        print(f"    {number} rules: {why}")
    print(f"queries that SQLite refuses: {sum(found['failed'].values())}")

    detections = work / "detections.jsonl"
    command = scan(part)
    command[command.index("--output") + 1] = str(detections)
    run(command)
    with detections.open(encoding="utf-8") as lines:
        khien = {(hit["rule"]["id"], hit["source"]["record"]) for hit in map(json.loads, lines)}
    peer = {(rule, number) for rule, numbers in found["hits"].items() for number in numbers}
    # The pipelines know only which Windows events a rule is for; others are asked about all events.
    windows = set(converted["windows"])
    khien, peer = ({hit for hit in side if hit[0] in windows} for side in (khien, peer))
    print(f"hits of the {len(windows):,} converted rules for Windows: both {len(khien & peer)}, only "
          f"khien {len(khien - peer)} (for 4688 and 5156 as process and connection, and for other "
          f"names of fields, there is no pipeline), only pySigma {len(peer - khien)}")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
