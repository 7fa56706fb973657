"""Sends with real clients to a centre on the loopback and counts what a search finds.

Run by scripts/test-clients. Each client sends to a source of its own. While it sends, the centre is
stopped in order and started again; the client is killed, or stopped in order where it keeps nothing
of its own, and started again; and where the protocol acknowledges, the centre is killed as well. A
client passes when exactly what it sent is found, and all of it in its agency.

Syslog acknowledges nothing, so that a sender cannot know what arrived. There a client passes when
nothing is lost across stops in order; what it sends twice is told. What a kill costs is measured
and told, and fails nothing.

The settings that `khien source add` prints for rsyslog and syslog-ng are what these programs run
with here, after their own checkers have read them.
"""

import argparse
import gzip
import json
import logging
import multiprocessing
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

EVENTS = 600
PATIENCE = 60
# Who answers for an agency that is registered.
HEADS = ["--head", "Cán bộ Mẫu 901", "--deputy", "Cán bộ Mẫu 902", "--document", "01/QĐ.MH"]
HEADS += ["--signed", "2026-01-05", "--until", "2028-12-31"]


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


class Centre:
    """A centre in a folder of its own, with two agencies."""

    def __init__(self, khien, folder):
        self.khien, self.folder, self.data = khien, folder, folder / "data"
        self.http, self.tcp, self.tls = free_port(), free_port(), free_port()
        self.udp = free_port(socket.SOCK_DGRAM)
        self.url = f"https://localhost:{self.http}"
        self.process = None
        self.command("init", "--data", self.data)
        self.ca = next(self.data.glob("keys/certificate.pem"))
        (self.data / "khien.toml").write_text(
            f"""[server]
http = "127.0.0.1:{self.http}"
syslog_tcp = "127.0.0.1:{self.tcp}"
syslog_udp = "127.0.0.1:{self.udp}"
syslog_tls = "127.0.0.1:{self.tls}"
""",
            encoding="utf-8",
        )
        for agency in ("sokhcn", "soyt"):
            self.command("agency", "add", "--data", self.data, "--code", agency, "--name", f"Sở {agency}", *HEADS)
            self.command(
                "system", "add", "--data", self.data, "--agency", agency, "--code", f"he-thong-{agency}",
                "--name", "Hệ thống", "--level", "3",
            )

    def command(self, *arguments):
        return json.loads(run(self.khien, *map(str, arguments), "--json"))

    def source(self, agency, kind, name, *more):
        """A new source: its token, and the settings for shippers, which name files of this test."""
        made = self.command(
            "source", "add", "--data", self.data, "--system", f"he-thong-{agency}", "--kind", kind,
            "--name", name, "--host", "localhost", *more,
        )
        settings = {}
        for snippet in made["snippets"]:
            # The first of a shipper; for datagrams it is the second.
            name = snippet["id"] if snippet["id"] not in settings else f"{snippet['id']}-udp"
            settings[name] = snippet["text"].replace("/etc/khien/ca.crt", str(self.ca))
        return made["token"], settings

    def start(self):
        self.log = open(self.folder / "serve.log", "ab")
        self.process = subprocess.Popen(
            [self.khien, "serve", "--data", self.data], stderr=self.log, stdout=self.log
        )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.http), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the centre does not start")

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(60)
        self.log.close()

    def restart(self):
        self.stop()
        self.start()

    def kill(self):
        """Ends the centre at once, as a failing machine does, and starts it again."""
        self.stop(signal.SIGKILL)
        self.start()

    def count(self, query):
        found = self.command("search", "--data", self.data, "--count", query)
        return found["count"]

    def found(self, mark):
        """How many of the mark's events were found, and how many different ones."""
        rows = run(
            self.khien, "search", "--data", str(self.data), "--format", "jsonl", "--fields", "raw", f'"{mark}"',
        ).splitlines()
        numbers = [re.search(r"invalid user u(\d+) ", row).group(1) for row in rows]
        return len(numbers), len(set(numbers))


class Clients:
    """The clients: each takes its mark, its token and the settings that were printed for it, sends
    `EVENTS` events while something happens to it and to the centre, and answers how many it sent."""

    def __init__(self, centre, folder, syslog_ng):
        self.centre, self.folder, self.syslog_ng = centre, folder, syslog_ng
        self.context = ssl.create_default_context(cafile=str(centre.ca))

    # What they share.

    def line(self, mark, number):
        return f"Failed password for invalid user u{number} from 203.0.113.4 port 5022 ssh2 {mark}"

    def post(self, path, token, body, headers=None, scheme="Bearer"):
        headers = {"Authorization": f"{scheme} {token}", **(headers or {})}
        request = urllib.request.Request(self.centre.url + path, body, headers, method="POST")
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(request, context=self.context, timeout=20) as answer:
                    return json.loads(answer.read() or b"{}")
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    raise RuntimeError(f"{path}: {error.code} {error.read()}") from error
                pause = float(error.headers.get("Retry-After", 1))
            except (urllib.error.URLError, ConnectionError, OSError):
                pause = 0.3
            if time.monotonic() > until:
                raise RuntimeError(f"{path}: no answer in time")
            time.sleep(pause)

    def daemon(self, command, environment=None):
        """Starts a daemon in the foreground; it is ended by `end`."""
        log = open(self.folder / f"{Path(str(command[0])).name}.log", "ab")
        environment = {**os.environ, **(environment or {})}
        return subprocess.Popen(command, stdout=log, stderr=log, env=environment)

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def append(self, path, mark, pause=0.012):
        with open(path, "a", encoding="utf-8") as file:
            for number in range(EVENTS):
                file.write(self.line(mark, number) + "\n")
                file.flush()
                time.sleep(pause)

    def parts(self, pause=0.25, size=20):
        """The numbers to send, part after part, over a few seconds."""
        for start in range(0, EVENTS, size):
            yield list(range(start, min(start + size, EVENTS)))
            time.sleep(pause)

    def process(self, work):
        """Runs work as a process of its own with all that it starts, so that it can be killed."""
        def alone():
            os.setsid()
            work()
        process = multiprocessing.get_context("fork").Process(target=alone)
        process.start()
        return process

    def through(self, work, kills_client=True):
        """Lets a client work while the centre is stopped and started, the client is killed and begins
        anew, and the centre is killed and started."""
        process = self.process(work)
        time.sleep(1)
        self.centre.restart()
        time.sleep(1)
        if kills_client:
            os.killpg(process.pid, signal.SIGKILL)
            process.join()
            process = self.process(work)
            time.sleep(1.5)
        self.centre.kill()
        process.join(2 * PATIENCE)
        if process.exitcode != 0:
            if process.is_alive():
                os.killpg(process.pid, signal.SIGKILL)
            raise RuntimeError(f"the client ended with {process.exitcode}")

    # HTTP.

    def curl(self, token, path, body, *options):
        file = tempfile.TemporaryFile()
        file.write(body)
        file.seek(0)
        run(
            "curl", "-sSf", "--cacert", str(self.centre.ca), "--retry", "60", "--retry-all-errors",
            "--retry-delay", "1", "-H", f"Authorization: Bearer {token}", *options,
            "--data-binary", "@-", f"{self.centre.url}/api/v1/intake/{path}", stdin=file,
        )

    def curl_json(self, mark, token, _):
        def work():
            for part in self.parts():
                body = "".join(json.dumps({"message": self.line(mark, n)}) + "\n" for n in part)
                self.curl(
                    token, "json", gzip.compress(body.encode()), "-H", "Content-Encoding: gzip",
                    "-H", f"Idempotency-Key: {mark}-{part[0]}",
                )
        self.through(work)

    def curl_lines(self, mark, token, _):
        # Without names for its batches a client that is killed does not know what arrived.
        def work():
            for part in self.parts():
                lines = (f"<38>Nov 20 08:00:00 srv-01 sshd[7]: {self.line(mark, n)}\n" for n in part)
                self.curl(token, "lines", "".join(lines).encode())
        self.through(work, kills_client=False)

    def elasticsearch(self, mark, token, _):
        from elasticsearch import Elasticsearch, helpers

        def work():
            client = Elasticsearch(
                self.centre.url, api_key=token, ca_certs=str(self.centre.ca), retry_on_timeout=True,
                max_retries=100, retry_on_status=(429, 502, 503, 504), http_compress=True,
            )
            for part in self.parts():
                actions = [
                    {"_op_type": "create", "_index": "logs", "_id": f"{mark}-{number}",
                     "message": self.line(mark, number)}
                    for number in part
                ]
                for attempt in range(200):
                    try:
                        assert client.info()["tagline"] == "You Know, for Search"
                        done, errors = helpers.bulk(client, actions, chunk_size=50)
                        assert done == len(part) and not errors
                        break
                    except Exception:  # the client gives up while nobody listens
                        if attempt == 199:
                            raise
                        time.sleep(0.3)
        self.through(work)

    def opentelemetry(self, mark, token, _):
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
        from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
        from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
        from opentelemetry.sdk.resources import Resource

        # What waits in the SDK is in memory only: it is stopped in order and started again.
        def of(numbers):
            def work():
                exporter = OTLPLogExporter(
                    f"{self.centre.url}/v1/logs", certificate_file=str(self.centre.ca),
                    headers={"Authorization": f"Bearer {token}"}, timeout=60,
                )
                provider = LoggerProvider(
                    Resource.create({"host.name": "srv-otlp", "service.name": "sshd"})
                )
                provider.add_log_record_processor(
                    BatchLogRecordProcessor(exporter, schedule_delay_millis=100, max_queue_size=10_000)
                )
                logger = logging.getLogger(mark)
                logger.propagate = False
                logger.setLevel(logging.INFO)
                logger.addHandler(LoggingHandler(logger_provider=provider))
                for number in numbers:
                    logger.info(self.line(mark, number))
                    time.sleep(0.01)
                assert provider.force_flush(60_000)
                provider.shutdown()
            return work
        self.through(of(range(EVENTS // 2)), kills_client=False)
        self.through(of(range(EVENTS // 2, EVENTS)), kills_client=False)

    def splunk_handler(self, mark, token, _):
        from splunk_hec_handler import SplunkHecHandler

        # It sends a record once and does not try again, so that all happens between its records.
        def of(numbers):
            def work():
                handler = SplunkHecHandler(
                    "localhost", token, port=self.centre.http, proto="https", ssl_verify=True,
                    source="test", sourcetype="sshd",
                )
                logger = logging.getLogger(mark)
                logger.propagate = False
                logger.setLevel(logging.INFO)
                logger.addHandler(handler)
                for number in numbers:
                    logger.info(self.line(mark, number))
            return work
        for begin, happens in ((0, self.centre.restart), (40, self.centre.kill), (80, lambda: None)):
            process = self.process(of(range(begin, begin + 40)))
            process.join(PATIENCE)
            assert process.exitcode == 0
            happens()
        return 120

    def hec_acknowledged(self, mark, token, _):
        channel = {"X-Splunk-Request-Channel": "0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba"}
        told = self.folder / f"{mark}-told"

        # As a forwarder does: a batch is over when it is told of; one that is not is sent again.
        def work():
            for part in self.parts():
                if told.exists() and str(part[0]) in told.read_text(encoding="utf-8").split():
                    continue
                body = "".join(json.dumps({"event": self.line(mark, n)}) for n in part).encode()
                while True:
                    first = self.post("/services/collector", token, body, channel, "Splunk")["ackId"]
                    asked = json.dumps({"acks": [first]}).encode()
                    answer = self.post("/services/collector/ack", token, asked, channel, "Splunk")
                    if answer["acks"][str(first)]:
                        break
                with open(told, "a", encoding="utf-8") as file:
                    file.write(f"{part[0]}\n")
        self.through(work)

    def khien_push(self, mark, token, _):
        folder = self.folder / mark
        folder.mkdir()
        for start in range(0, EVENTS, 4):
            path = folder / f"auth-{start:04}.log"
            numbers = range(start, start + 4)
            lines = (f"Nov 20 08:00:00 srv-01 sshd[7]: {self.line(mark, n)}\n" for n in numbers)
            path.write_text("".join(lines), encoding="utf-8")
        command = [
            self.centre.khien, "push", str(folder), "--to", self.centre.url, "--token", token,
            "--ca", str(self.centre.ca), "--quiet", "--json",
        ]
        def begin():
            return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        # Nobody listens, and it is killed while it waits.
        self.centre.stop()
        push = begin()
        time.sleep(0.5)
        push.kill()
        push.wait()
        self.centre.start()
        # It is killed in the middle.
        push = begin()
        until = time.monotonic() + PATIENCE
        while not 0 < self.centre.count(f'"{mark}"') and time.monotonic() < until:
            time.sleep(0.05)
        push.kill()
        push.wait()
        between = self.centre.count(f'"{mark}"')
        # It goes on where it was, while the centre is killed and stopped.
        push = begin()
        time.sleep(0.3)
        self.centre.kill()
        self.centre.restart()
        out, _ = push.communicate(timeout=2 * PATIENCE)
        assert push.returncode == 0
        sent = json.loads(out)
        assert sent["parts"] == EVENTS // 4 and sent["repeated"] >= between // 4, (sent, between)
        self.told(f"{between} there when it was killed, {sent['repeated']} parts not sent twice")

    # Syslog.

    def logger(self, mark, *options):
        for start in range(0, EVENTS, EVENTS // 2):
            path = self.folder / f"{mark}-{start}"
            numbers = range(start, start + EVENTS // 2)
            path.write_text("".join(self.line(mark, n) + "\n" for n in numbers), encoding="utf-8")
            run("logger", "-n", "127.0.0.1", *options, "-t", "sshd", "-f", str(path))
            # What a datagram's listener has read is kept when it stops in order.
            time.sleep(0.5)
            self.centre.restart()

    def logger_udp(self, mark, _, __):
        self.logger(mark, "-P", str(self.centre.udp), "-d", "--rfc3164")
        self.centre.stop()
        lost = f"lost{mark}"
        for number in range(50):
            run(
                "logger", "-n", "127.0.0.1", "-P", str(self.centre.udp), "-d", "-t", "sshd",
                self.line(lost, number),
            )
        self.centre.start()
        time.sleep(1)
        self.told(f"of 50 datagrams to a stopped centre {self.centre.count(chr(34) + lost + chr(34))} arrive")

    def logger_tcp(self, mark, _, __):
        self.logger(mark, "-P", str(self.centre.tcp), "-T", "--rfc5424")

    def logger_tcp_counted(self, mark, _, __):
        self.logger(mark, "-P", str(self.centre.tcp), "-T", "--octet-count")

    def tailed(self, mark, command, environment=None, kills_centre=False):
        """A daemon follows a file that grows, while the centre and the daemon are stopped and started,
        and the centre is killed if that is promised to cost nothing."""
        watched = self.folder / mark / "watched.log"
        daemon = self.daemon(command, environment)
        try:
            time.sleep(1.5)
            writer = threading.Thread(target=self.append, args=(watched, mark))
            writer.start()
            time.sleep(1)
            self.centre.restart()
            time.sleep(1)
            self.end(daemon)
            daemon = self.daemon(command, environment)
            time.sleep(1)
            if kills_centre:
                self.centre.kill()
            writer.join()
            self.arrives(mark, EVENTS)
        finally:
            self.end(daemon)

    def killed(self, mark, command, environment=None):
        """What a kill of the centre costs where nothing is acknowledged: told, not judged."""
        watched = self.folder / mark / "watched.log"
        # No part of one mark is another.
        mark = mark.replace("mark", "kill")
        daemon = self.daemon(command, environment)
        try:
            time.sleep(1.5)
            writer = threading.Thread(target=self.append, args=(watched, mark, 0.005))
            writer.start()
            time.sleep(1.5)
            self.centre.kill()
            writer.join()
            last = -1
            while (now := self.centre.count(f'"{mark}"')) != last:
                last = now
                time.sleep(3)
        finally:
            self.end(daemon)
        found, different = self.centre.found(mark)
        self.told(f"when the centre is killed: {EVENTS - different} lost, {found - different} twice, of {EVENTS}")

    def rsyslog(self, mark, action, settings=""):
        """The folder and the command of a daemon with an action, checked by its own checker."""
        folder = self.folder / mark
        folder.mkdir()
        (folder / "watched.log").touch()
        file = folder / "rsyslog.conf"
        file.write_text(
            f"""global(workDirectory="{folder}" {settings})
module(load="imfile" mode="inotify")
input(type="imfile" file="{folder}/watched.log" tag="sshd:" severity="info" facility="auth")
{action}
""",
            encoding="utf-8",
        )
        checked = subprocess.run(["rsyslogd", "-N1", "-f", str(file)], capture_output=True, text=True)
        if checked.returncode != 0:
            raise RuntimeError(f"rsyslogd -N1: {checked.stderr.strip()}")
        return ["rsyslogd", "-n", "-f", str(file), "-i", str(folder / "pid")]

    # An interval that suits a test.
    QUICK = 'action.resumeInterval="1" queue.type="LinkedList"'

    def omfwd(self, options):
        return (
            f'action(type="omfwd" target="127.0.0.1" protocol="tcp" {options} '
            f'action.resumeRetryCount="-1" {self.QUICK} queue.filename="q" queue.saveOnShutdown="on")'
        )

    def rsyslog_tcp(self, mark, _, __):
        command = self.rsyslog(mark, self.omfwd(f'port="{self.centre.tcp}"'))
        self.tailed(mark, command)
        self.killed(mark, command)

    def rsyslog_tcp_counted(self, mark, _, __):
        options = f'port="{self.centre.tcp}" TCP_Framing="octet-counted"'
        self.tailed(mark, self.rsyslog(mark, self.omfwd(options)))

    def rsyslog_tls_certificate(self, mark, _, __):
        folder = self.folder / "client"
        options = (
            f'port="{self.centre.tls}" StreamDriver="gtls" StreamDriverMode="1" '
            'StreamDriverAuthMode="x509/certvalid"'
        )
        files = (
            f'defaultNetstreamDriverCAFile="{self.centre.ca}" '
            f'defaultNetstreamDriverCertFile="{folder}/rsyslog.crt" '
            f'defaultNetstreamDriverKeyFile="{folder}/rsyslog.key"'
        )
        self.tailed(mark, self.rsyslog(mark, self.omfwd(options), files))

    def rsyslog_tls_printed(self, mark, _, settings):
        action = settings["rsyslog"].replace('queue.type="LinkedList"', self.QUICK)
        command = self.rsyslog(mark, action)
        self.tailed(mark, command)
        self.killed(mark, command)

    def rsyslog_http_printed(self, mark, _, settings):
        action = settings["rsyslog"].replace('queue.type="LinkedList"', self.QUICK)
        self.tailed(mark, self.rsyslog(mark, action), kills_centre=True)

    def rsyslog_udp_printed(self, mark, _, settings):
        # Without restarts: what is sent while nobody listens is gone.
        command = self.rsyslog(mark, settings["rsyslog-udp"])
        daemon = self.daemon(command)
        try:
            time.sleep(1)
            self.append(self.folder / mark / "watched.log", mark, 0.002)
            self.arrives(mark, EVENTS)
        finally:
            self.end(daemon)

    def ng(self, mark, destination):
        """The command and environment of a daemon with a destination, checked by its own checker."""
        folder = self.folder / mark
        folder.mkdir()
        (folder / "watched.log").touch()
        file = folder / "syslog-ng.conf"
        file.write_text(
            f"""@version: 3.38
options {{ time-reopen(1); flush-lines(1); }};
source s_src {{
    file("{folder}/watched.log" flags(no-parse) program-override("sshd") follow-freq(0.1));
}};
{destination}
""",
            encoding="utf-8",
        )
        root = Path(self.syslog_ng).resolve()
        libraries = ":".join(
            str(root / part) for part in ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/syslog-ng")
        )
        modules = next((root / "usr/lib/syslog-ng").glob("3*"))
        environment = {"LD_LIBRARY_PATH": libraries}
        program = str(root / "usr/sbin/syslog-ng")
        folders = [
            "-f", str(file), "-R", str(folder / "persist"), "-p", str(folder / "pid"),
            "-c", str(folder / "ctl"), f"--module-path={modules}",
        ]
        checked = subprocess.run(
            [program, "-s", "--no-caps", *folders], env={**os.environ, **environment}, cwd=folder,
            capture_output=True, text=True,
        )
        if checked.returncode != 0:
            raise RuntimeError(f"syslog-ng -s: {checked.stderr.strip()}")
        return [program, "-F", "--no-caps", *folders], environment

    def syslog_ng_tcp(self, mark, _, __):
        destination = f'destination d {{ network("127.0.0.1" port({self.centre.tcp}) transport(tcp)); }};'
        route = "log { source(s_src); destination(d); flags(flow-control); };"
        command, environment = self.ng(mark, f"{destination}\n{route}")
        self.tailed(mark, command, environment)

    def syslog_ng_tls_certificate(self, mark, _, __):
        folder = self.folder / "client"
        destination = (
            f'destination d {{ syslog("127.0.0.1" port({self.centre.tls}) transport(tls) '
            f'tls(ca-file("{self.centre.ca}") cert-file("{folder}/syslog-ng.crt") '
            f'key-file("{folder}/syslog-ng.key") peer-verify(required-trusted))); }};'
        )
        route = "log { source(s_src); destination(d); flags(flow-control); };"
        command, environment = self.ng(mark, f"{destination}\n{route}")
        self.tailed(mark, command, environment)

    def buffers(self, mark, settings):
        """The settings with the buffer on disk in the folder of the test."""
        folder = self.folder / mark / "buffer"
        return settings.replace("disk-buffer(", f'disk-buffer(dir("{folder}") ')

    def syslog_ng_tls_printed(self, mark, _, settings):
        command, environment = self.ng(mark, self.buffers(mark, settings["syslog-ng"]))
        (self.folder / mark / "buffer").mkdir()
        self.tailed(mark, command, environment)
        self.killed(mark, command, environment)

    def syslog_ng_http_printed(self, mark, _, settings):
        command, environment = self.ng(mark, self.buffers(mark, settings["syslog-ng"]))
        (self.folder / mark / "buffer").mkdir()
        self.tailed(mark, command, environment, kills_centre=True)

    # The course of a test.

    def told(self, text):
        print(f"       {text}", flush=True)

    def arrives(self, mark, expected):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.centre.count(f'"{mark}"') < expected:
            time.sleep(0.5)


def certificate(folder, name):
    """A client certificate with its fingerprint."""
    key, shown = folder / f"{name}.key", folder / f"{name}.crt"
    run(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "30", "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(shown),
    )
    text = run("openssl", "x509", "-in", str(shown), "-noout", "-fingerprint", "-sha256")
    return text.split("=")[1].strip().replace(":", "").lower()


# Name, kind of source, what has to be installed, whether the protocol acknowledges.
TESTS = [
    ("curl_json", "http", "curl", True),
    ("curl_lines", "http", "curl", True),
    ("elasticsearch", "http", None, True),
    ("opentelemetry", "http", None, True),
    ("splunk_handler", "http", None, True),
    ("hec_acknowledged", "http", None, True),
    ("khien_push", "file", None, True),
    ("logger_udp", "syslog", "logger", False),
    ("logger_tcp", "syslog", "logger", False),
    ("logger_tcp_counted", "syslog", "logger", False),
    ("rsyslog_tcp", "syslog", "rsyslogd", False),
    ("rsyslog_tcp_counted", "syslog", "rsyslogd", False),
    ("rsyslog_udp_printed", "syslog", "rsyslogd", False),
    ("rsyslog_tls_certificate", "syslog", "rsyslogd", False),
    ("rsyslog_tls_printed", "syslog", "rsyslogd", False),
    ("rsyslog_http_printed", "http", "omelasticsearch", True),
    ("syslog_ng_tcp", "syslog", "syslog-ng", False),
    ("syslog_ng_tls_certificate", "syslog", "syslog-ng", False),
    ("syslog_ng_tls_printed", "syslog", "syslog-ng", False),
    ("syslog_ng_http_printed", "http", "syslog-ng", True),
]
# They bear no token: their address tells who sends.
BY_ADDRESS = [
    "logger_udp", "logger_tcp", "logger_tcp_counted", "rsyslog_tcp", "rsyslog_tcp_counted",
    "rsyslog_udp_printed", "syslog_ng_tcp",
]


def is_there(needed, syslog_ng):
    if needed == "syslog-ng":
        return (Path(syslog_ng) / "usr/sbin/syslog-ng").exists()
    if needed == "omelasticsearch":
        return any(Path("/usr/lib").glob("*/rsyslog/omelasticsearch.so"))
    return needed is None or shutil.which(needed)


def judge(centre, mark, agency, expected, acknowledges):
    """Whether what was found is right, and the words for it."""
    time.sleep(1)
    found, different = centre.found(mark)
    in_agency = centre.count(f'agency:{agency} AND "{mark}"')
    exact = different == expected and in_agency == found
    is_right = exact and (found == expected or not acknowledges)
    words = f"{expected} sent, {found} found, {in_agency} of them in {agency}"
    if exact and found != expected:
        words += f"; the client sent {found - expected} twice"
    return is_right, words


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--khien", required=True)
    parser.add_argument("--syslog-ng", required=True)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - {name for name, *_ in TESTS}
    if unknown:
        parser.error(f"there are no tests {', '.join(sorted(unknown))}")
    folder = Path(tempfile.mkdtemp(prefix="khien-clients-"))
    centre = Centre(str(Path(arguments.khien).resolve()), folder)
    clients = Clients(centre, folder, arguments.syslog_ng)
    (folder / "client").mkdir()
    by_certificate = {
        "rsyslog_tls_certificate": certificate(folder / "client", "rsyslog"),
        "syslog_ng_tls_certificate": certificate(folder / "client", "syslog-ng"),
    }
    # Whoever sends from the loopback without telling more is this source.
    _, datagrams = centre.source("sokhcn", "syslog", "loopback", "--from", "127.0.0.1")
    centre.start()
    # Wins over what the clients are told.
    os.environ["REQUESTS_CA_BUNDLE"] = str(centre.ca)
    failed = []
    try:
        for number, (name, kind, needed, acknowledges) in enumerate(TESTS):
            if arguments.names and name not in arguments.names:
                continue
            if not is_there(needed, arguments.syslog_ng):
                print(f"left out: {name}: {needed} is not installed")
                continue
            agency = "sokhcn" if name in BY_ADDRESS or number % 2 == 0 else "soyt"
            if name in BY_ADDRESS:
                token, settings = None, datagrams
            else:
                more = ["--certificate", by_certificate[name]] if name in by_certificate else []
                token, settings = centre.source(agency, kind, name, *more)
                # The running centre learns of a new source within two seconds.
                time.sleep(2.5)
            mark = f"mark{number:02}{name.replace('_', '')}"
            try:
                expected = getattr(clients, name)(mark, token, settings) or EVENTS
                clients.arrives(mark, expected)
                is_right, words = judge(centre, mark, agency, expected, acknowledges)
            except Exception as error:
                is_right, words = False, str(error)
                if centre.process.poll() is not None:
                    centre.start()
            print(f"{'ok    ' if is_right else 'FAILED'} {name}: {words}", flush=True)
            if not is_right:
                failed.append(name)
    finally:
        centre.stop()
    if failed:
        print(f"see {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
