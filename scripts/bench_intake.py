"""Takes in at a steady rate and counts what is found; called by bench-intake."""

import argparse
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
import zipfile

BATCH_BYTES = 1 << 20
# Who answers for an agency that is registered.
HEADS = ["--head", "Cán bộ Mẫu 901", "--deputy", "Cán bộ Mẫu 902", "--document", "01/QĐ.MH"]
HEADS += ["--signed", "2026-01-05", "--until", "2028-12-31"]
HTTP_RATE, SYSLOG_RATE = 41_000, 62_000
OTHER_SECONDS = 60
MARKER_RULE = """title: Marker of the bench
id: 5d6a2f0e-6f8d-4a5f-9f0c-0d6f5a1b7c11
status: test
logsource:
    category: process_creation
    product: windows
detection:
    selection:
        CommandLine|contains: khien-bench-marker
    condition: selection
level: high
"""
TICKS = os.sysconf("SC_CLK_TCK")


def recorded(folder):
    """Lines of the zipped recordings, as batches with their counts."""
    lines = []
    for path in sorted(folder.glob("*.[zZ]ip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".json"):
                    lines += [line for line in archive.read(name).splitlines() if line.startswith(b"{")]
    if not lines:
        raise SystemExit(f"no recordings in {folder}")
    return batches(lines)


def batches(lines):
    """Lines joined to batches of about a mebibyte."""
    made, now, size = [], [], 0
    for line in lines:
        now.append(line)
        size += len(line) + 1
        if size >= BATCH_BYTES:
            made.append((b"\n".join(now) + b"\n", len(now)))
            now, size = [], 0
    return made


def syslog_lines(count):
    """Lines as sshd and nginx write them, of invented hosts in documentation ranges."""
    chance = random.Random(57)
    users = ["root", "admin", "quantri", "vanthu", "backup"]
    paths = ["/", "/dichvucong/hoso/42", "/api/tracuu?ma=0105", "/static/app.js", "/wp-login.php"]
    lines = []
    for number in range(count):
        address = f"198.51.100.{chance.randrange(1, 255)}"
        host = f"may-{chance.randrange(40):02}"
        stamp = f"2026-10-15T08:{number // 60 % 60:02}:{number % 60:02}+07:00"
        if number % 2:
            what = chance.choice(["Failed password for", "Accepted password for", "Failed password for invalid user"])
            text = f"{what} {chance.choice(users)} from {address} port {chance.randrange(1024, 65535)} ssh2"
            lines.append(f"<86>1 {stamp} {host} sshd {chance.randrange(400, 9999)} - - {text}".encode())
        else:
            text = (
                f'{address} - - [15/Oct/2026:08:{number // 60 % 60:02}:{number % 60:02} +0700] '
                f'"GET {chance.choice(paths)} HTTP/1.1" {chance.choice([200, 200, 304, 404])} '
                f'{chance.randrange(200, 40000)} "-" "Mozilla/5.0 (X11; Linux x86_64)"'
            )
            lines.append(f"<190>1 {stamp} {host} nginx - - - {text}".encode())
    return lines


def free_port():
    """A port of the loopback that nobody uses now."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


class Process:
    """A program and what it has used."""

    def __init__(self, words, log):
        self.log = open(log, "ab")
        self.process = subprocess.Popen(words, stdout=self.log, stderr=self.log)

    def cpu(self):
        """Processor seconds so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self, which):
        """VmRSS or VmHWM in MiB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(which):
                return int(line.split()[1]) / 1024
        return 0

    def stop(self):
        """Ends it in order."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(120)
        self.log.close()
        return code


class Centre:
    """A centre with one HTTP and one syslog source."""

    def __init__(self, khien, folder, rules):
        self.khien, self.folder = khien, folder
        self.data = folder / "data"
        marker = folder / "marker"
        marker.mkdir()
        (marker / "marker.yml").write_text(MARKER_RULE)
        self.config = folder / "khien.toml"
        self.config.write_text(f"[rules]\nfolders = [{json.dumps(str(rules))}, {json.dumps(str(marker))}]\n")
        self.admin = self.say("init", "--data", self.data)["token"]
        self.say("agency", "add", "--data", self.data, "--code", "sokhcn", "--name", "Sở Khoa học và Công nghệ", *HEADS)
        self.say("system", "add", "--data", self.data, "--agency", "sokhcn", "--code", "cong-dvc",
                 "--name", "Cổng dịch vụ công", "--level", "3")
        add = ("source", "add", "--data", self.data, "--system", "cong-dvc")
        self.http_token = self.say(*add, "--kind", "http", "--name", "Windows")["token"]
        self.say(*add, "--kind", "syslog", "--name", "Linux", "--from", "127.0.0.1/32")
        self.http, self.syslog = free_port(), free_port()

    def say(self, *words):
        """Runs a command and answers what it prints."""
        out = subprocess.run([self.khien, *map(str, words), "--json"], check=True, stdout=subprocess.PIPE)
        return json.loads(out.stdout)

    def start(self):
        """Starts the centre; answers the seconds until it is ready."""
        began = time.monotonic()
        self.process = Process(
            [self.khien, "serve", "--data", self.data, "--config", self.config, "--plain-http",
             "--http", f"127.0.0.1:{self.http}", "--syslog-tcp", f"127.0.0.1:{self.syslog}"],
            self.folder / "serve.log")
        while True:
            try:
                if self.ask("/readyz", None)[0] == 200:
                    return time.monotonic() - began
            except OSError:
                pass
            time.sleep(0.01)

    def ask(self, path, token):
        """A GET request; answers status and body."""
        to = http.client.HTTPConnection("127.0.0.1", self.http, timeout=60)
        to.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = to.getresponse()
        body = answer.read()
        to.close()
        return answer.status, body

    def count(self, query):
        """Events that a search finds."""
        status, body = self.ask("/api/v1/search/count?from=2000-01-01&query=" + urllib.parse.quote(query), self.admin)
        if status != 200:
            raise SystemExit(f"count: {status} {body.decode()}")
        return json.loads(body)["count"]

    def count_until(self, query, wanted):
        """Counts until it is as many as wanted or does not grow for ten seconds."""
        found, since = self.count(query), time.monotonic()
        while found < wanted and time.monotonic() - since < 10:
            time.sleep(0.5)
            now = self.count(query)
            if now != found:
                found, since = now, time.monotonic()
        return found


def send_http(centre, made, seconds, rate, connections=2):
    """Sends batches at a rate; answers events acknowledged, batches refused for now, and seconds."""
    sent, busy = [0] * connections, [0] * connections
    began = time.monotonic()

    def run(which):
        to = http.client.HTTPConnection("127.0.0.1", centre.http, timeout=60)
        number = which
        while time.monotonic() - began < seconds:
            body, count = made[number % len(made)]
            to.request("POST", "/api/v1/intake/json", body, {"Authorization": f"Bearer {centre.http_token}"})
            answer = to.getresponse()
            answer.read()
            if answer.status == 200:
                sent[which] += count
                number += connections
                time.sleep(max(0, sent[which] * connections / rate - (time.monotonic() - began)))
            elif answer.status == 503:
                busy[which] += 1
                time.sleep(0.1)
            else:
                raise SystemExit(f"intake: {answer.status}")

    together([threading.Thread(target=run, args=(which,)) for which in range(connections)])
    return sum(sent), sum(busy), time.monotonic() - began


def together(threads):
    """Runs threads to their ends."""
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def send_lines(port, made, seconds, rate):
    """Sends lines over TCP at a rate; answers how many, and the seconds."""
    sent, number, began = 0, 0, time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as to:
        while time.monotonic() - began < seconds:
            body, count = made[number % len(made)]
            to.sendall(body)
            sent += count
            number += 1
            time.sleep(max(0, sent / rate - (time.monotonic() - began)))
    return sent, time.monotonic() - began


def latencies(centre, seconds):
    """Sends an event that a rule finds twice a second; answers the seconds until each is an alert."""
    waits, began, threads = [], time.monotonic(), []

    def one(number):
        host = f"do-{number:04}.minhhoa.example"
        event = json.dumps({
            "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": host, "Computer": host,
            "Image": "C:\\Windows\\System32\\cmd.exe", "CommandLine": f"cmd /c khien-bench-marker {number}",
        }).encode()
        to = http.client.HTTPConnection("127.0.0.1", centre.http, timeout=60)
        while True:
            sent = time.monotonic()
            to.request("POST", "/api/v1/intake/json", event, {"Authorization": f"Bearer {centre.http_token}"})
            answer = to.getresponse()
            answer.read()
            if answer.status == 200:
                break
            time.sleep(0.1)
        rule = MARKER_RULE.split("id: ")[1].split()[0]
        while time.monotonic() - sent < 60:
            body = centre.ask(f"/api/v1/alerts?rule={rule}&limit=20", centre.admin)[1]
            if host.encode() in body:
                break
            time.sleep(0.05)
        waits.append(time.monotonic() - sent)

    number = 0
    while time.monotonic() - began < seconds:
        threads.append(threading.Thread(target=one, args=(number,)))
        threads[-1].start()
        number += 1
        time.sleep(0.5)
    for thread in threads:
        thread.join()
    return sorted(waits)


def rsyslog_floor(folder, made, seconds, rate):
    """Processor seconds that rsyslogd needs to write as many lines into a file, or nothing."""
    program = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin:/sbin")
    if program is None:
        return None
    port, out = free_port(), folder / "rsyslog.out"
    config = folder / "rsyslog.conf"
    config.write_text(
        'module(load="imtcp")\n'
        f'input(type="imtcp" address="127.0.0.1" port="{port}")\n'
        f'action(type="omfile" file="{out}")\n')
    process = Process([program, "-n", "-f", str(config), "-i", str(folder / "rsyslog.pid")], folder / "rsyslog.log")
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.1)
    sent, _ = send_lines(port, made, seconds, rate)
    before = -1
    while out.exists() and out.stat().st_size != before:
        before = out.stat().st_size
        time.sleep(1)
    used = process.cpu()
    process.stop()
    written = int(subprocess.run(["wc", "-l", out], check=True, stdout=subprocess.PIPE).stdout.split()[0])
    return used / written * 1e6, written, sent


def main():
    """Runs all parts and prints a table."""
    words = argparse.ArgumentParser()
    words.add_argument("--khien", required=True)
    words.add_argument("--rules", type=pathlib.Path, required=True)
    words.add_argument("--json", type=pathlib.Path, required=True)
    words.add_argument("--minutes", type=float, required=True)
    asked = words.parse_args()
    events = recorded(asked.json)
    lines = batches(syslog_lines(200_000))

    def say(what, figure):
        print(f"| {what} | {figure} |", flush=True)

    with tempfile.TemporaryDirectory(prefix="khien-bench-") as place:
        folder = pathlib.Path(place)
        centre = Centre(os.path.abspath(asked.khien), folder, asked.rules.resolve())
        print("| work | figure |\n|---|---|")
        say("start of an empty centre until ready", f"{centre.start():.2f} s")
        time.sleep(3)
        say("memory before the first event", f"{centre.process.memory('VmRSS'):.0f} MiB")

        sent, busy, seconds = send_http(centre, events, asked.minutes * 60, HTTP_RATE)
        found = centre.count_until("source:*", sent)
        used = centre.process.cpu()
        say("HTTP: events acknowledged, found, refused for now",
            f"{sent:,} in {seconds:.0f} s ({sent / seconds:,.0f}/s), {found:,}, {busy}")
        say("HTTP: processor time; peak of memory",
            f"{used:.0f} s ({used / sent * 1e6:.1f} µs an event); {centre.process.memory('VmHWM'):.0f} MiB")

        half = threading.Thread(target=send_http, args=(centre, events, OTHER_SECONDS, HTTP_RATE / 2))
        half.start()
        waits = latencies(centre, OTHER_SECONDS - 5)
        half.join()
        say(f"arrival to alert at half that rate, {len(waits)} events: median, 95 %, longest",
            f"{waits[len(waits) // 2]:.2f} s, {waits[len(waits) * 95 // 100]:.2f} s, {waits[-1]:.2f} s")

        before, used = centre.count('format:*'), centre.process.cpu()
        sent, seconds = send_lines(centre.syslog, lines, OTHER_SECONDS, SYSLOG_RATE)
        found = centre.count_until("format:*", before + sent) - before
        used = centre.process.cpu() - used
        say("syslog over TCP: lines sent, found",
            f"{sent:,} in {seconds:.0f} s ({sent / seconds:,.0f}/s), {found:,}")
        say("syslog over TCP: processor time", f"{used:.0f} s ({used / sent * 1e6:.1f} µs a line)")
        floor = rsyslog_floor(folder, lines, 20, SYSLOG_RATE)
        if floor:
            each, written, given = floor
            say("rsyslog writing the same lines into a file", f"{written:,} of {given:,}, {each:.1f} µs a line")
            say("ratio of the centre to that floor", f"{used / sent * 1e6 / each:.1f}")

        say("peak of memory over all", f"{centre.process.memory('VmHWM'):.0f} MiB")
        kept = centre.count("*")
        began = time.monotonic()
        code = centre.process.stop()
        say("stop in order", f"{time.monotonic() - began:.1f} s, code {code}")
        say(f"start with {kept:,} events kept until ready", f"{centre.start():.2f} s")
        say("the same found after the start", f"{centre.count('*'):,}")
        time.sleep(5)
        say("memory of the idle centre then", f"{centre.process.memory('VmRSS'):.0f} MiB")
        size = sum(file.stat().st_size for file in (centre.data / "lake").rglob("*.parquet"))
        say("bytes of an event on disk", f"{size / kept:.1f}")
        centre.process.stop()


if __name__ == "__main__":
    main()
