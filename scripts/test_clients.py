"""Sends with real clients to a centre on the loopback and counts what a search finds.

Run by scripts/test-clients. Each client sends to a source of its own; the centre is stopped in order
and started again while they send. A client passes when exactly what it sent is found, and all of it
in its agency.
"""

import argparse
import gzip
import json
import logging
import os
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
        for agency in ("sokhcn", "soyt"):
            self.command("agency", "add", "--data", self.data, "--code", agency, "--name", f"Sở {agency}")
            self.command(
                "system", "add", "--data", self.data, "--agency", agency, "--code", f"he-thong-{agency}",
                "--name", "Hệ thống", "--level", "3",
            )

    def command(self, *arguments):
        return json.loads(run(self.khien, *map(str, arguments), "--json"))

    def source(self, agency, kind, name, *more):
        return self.command(
            "source", "add", "--data", self.data, "--system", f"he-thong-{agency}", "--kind", kind,
            "--name", name, *more,
        )["token"]

    def start(self):
        self.log = open(self.folder / "serve.log", "ab")
        self.process = subprocess.Popen(
            [
                self.khien, "serve", "--data", self.data, "--http", f"127.0.0.1:{self.http}",
                "--syslog-tcp", f"127.0.0.1:{self.tcp}", "--syslog-udp", f"127.0.0.1:{self.udp}",
                "--syslog-tls", f"127.0.0.1:{self.tls}",
            ],
            stderr=self.log,
            stdout=self.log,
        )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.http), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the centre does not start")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.log.close()

    def restart(self):
        self.stop()
        self.start()

    def count(self, query):
        found = self.command("search", "--data", self.data, "--count", query)
        return found["count"]


class Clients:
    """The clients: each takes its mark and how many events to send, in two halves with `pause`
    between them, where the centre is stopped and started."""

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

    def append(self, path, mark, numbers, pause=0.004):
        with open(path, "a", encoding="utf-8") as file:
            for number in numbers:
                file.write(self.line(mark, number) + "\n")
                file.flush()
                time.sleep(pause)

    # HTTP.

    def curl_json(self, mark, token, pause):
        def send(numbers):
            for part in (numbers[:100], numbers[100:]):
                body = "".join(
                    json.dumps({"message": self.line(mark, number)}) + "\n" for number in part
                )
                run(
                    "curl", "-sSf", "--cacert", str(self.centre.ca), "--retry", "20", "--retry-all-errors",
                    "--retry-delay", "1", "-H", f"Authorization: Bearer {token}",
                    "-H", "Content-Encoding: gzip", "-H", f"Idempotency-Key: {mark}-{part[0]}",
                    "--data-binary", "@-", f"{self.centre.url}/api/v1/intake/json",
                    stdin=self.piped(gzip.compress(body.encode())),
                )
        self.halves(send, pause)

    def piped(self, content):
        file = tempfile.TemporaryFile()
        file.write(content)
        file.seek(0)
        return file

    def curl_lines(self, mark, token, pause):
        def send(numbers):
            lines = "".join(
                f"<38>Nov 20 08:00:00 srv-01 sshd[7]: {self.line(mark, number)}\n" for number in numbers
            )
            run(
                "curl", "-sSf", "--cacert", str(self.centre.ca), "-H", f"Authorization: Bearer {token}",
                "--data-binary", "@-", f"{self.centre.url}/api/v1/intake/lines",
                stdin=self.piped(lines.encode()),
            )
        self.halves(send, pause)

    def elasticsearch(self, mark, token, pause):
        from elasticsearch import Elasticsearch, helpers

        client = Elasticsearch(
            self.centre.url, api_key=token, ca_certs=str(self.centre.ca), retry_on_timeout=True,
            max_retries=100, retry_on_status=(429, 502, 503, 504), http_compress=True,
        )
        assert client.info()["tagline"] == "You Know, for Search"

        def send(numbers):
            actions = (
                {"_op_type": "create", "_index": "logs", "_id": f"{mark}-{number}",
                 "message": self.line(mark, number)}
                for number in numbers
            )
            for attempt in range(100):
                try:
                    done, errors = helpers.bulk(client, actions, chunk_size=50)
                    assert done == len(numbers) and not errors
                    return
                except Exception as error:  # the client gives up while nobody listens
                    if attempt == 99:
                        raise
                    print(f"    elasticsearch-py: {type(error).__name__}, again", file=sys.stderr)
                    time.sleep(0.3)
                    actions = (
                        {"_op_type": "create", "_index": "logs", "_id": f"{mark}-{number}",
                         "message": self.line(mark, number)}
                        for number in numbers
                    )
        self.throughout(send, pause)
        # The same again counts once.
        repeated = [
            {"_op_type": "create", "_index": "logs", "_id": f"{mark}-{number}",
             "message": self.line(mark, number)}
            for number in range(50)
        ]
        helpers.bulk(client, repeated, chunk_size=50)

    def opentelemetry(self, mark, token, pause):
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
        from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
        from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
        from opentelemetry.sdk.resources import Resource

        exporter = OTLPLogExporter(
            f"{self.centre.url}/v1/logs", certificate_file=str(self.centre.ca),
            headers={"Authorization": f"Bearer {token}"}, timeout=60,
        )
        provider = LoggerProvider(Resource.create({"host.name": "srv-otlp", "service.name": "sshd"}))
        provider.add_log_record_processor(
            BatchLogRecordProcessor(exporter, schedule_delay_millis=100, max_queue_size=10_000)
        )
        logger = logging.getLogger(mark)
        logger.propagate = False
        logger.setLevel(logging.INFO)
        logger.addHandler(LoggingHandler(logger_provider=provider))
        self.throughout(lambda numbers: [logger.info(self.line(mark, n)) for n in numbers], pause)
        assert provider.force_flush(60_000)
        provider.shutdown()

    def splunk_handler(self, mark, token, pause):
        from splunk_hec_handler import SplunkHecHandler

        logger = logging.getLogger(mark)
        logger.propagate = False
        logger.setLevel(logging.INFO)

        def send(numbers):
            handler = SplunkHecHandler(
                "localhost", token, port=self.centre.http, proto="https", ssl_verify=True,
                source="test", sourcetype="sshd",
            )
            logger.addHandler(handler)
            for number in numbers[:60]:
                logger.info(self.line(mark, number))
            logger.removeHandler(handler)
        self.halves(send, pause)
        return 120

    def hec_acknowledged(self, mark, token, pause):
        channel = {"X-Splunk-Request-Channel": "0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba"}
        waiting = []

        def send(numbers):
            for start in range(0, len(numbers), 50):
                batch = numbers[start : start + 50]
                body = "".join(json.dumps({"event": self.line(mark, n)}) for n in batch).encode()
                first = self.post("/services/collector", token, body, channel, "Splunk")["ackId"]
                again = self.post("/services/collector", token, body, channel, "Splunk")["ackId"]
                assert first == again, "a batch that is sent again before it was told is the same"
                waiting.append(first)
        self.throughout(send, pause)
        asked = json.dumps({"acks": waiting}).encode()
        told = self.post("/services/collector/ack", token, asked, channel, "Splunk")["acks"]
        assert all(told[str(ack)] for ack in waiting), told

    def khien_push(self, mark, token, pause):
        folder = self.folder / mark
        folder.mkdir()

        def send(numbers):
            path = folder / f"auth-{numbers[0]}.log"
            lines = (f"Nov 20 08:00:00 srv-01 sshd[7]: {self.line(mark, n)}\n" for n in numbers)
            path.write_text("".join(lines), encoding="utf-8")
            for _ in range(2):
                run(
                    self.centre.khien, "push", str(path), "--to", self.centre.url, "--token", token,
                    "--ca", str(self.centre.ca), "--quiet",
                )
        self.halves(send, pause)

    # Syslog.

    def logger(self, mark, pause, *options):
        def send(numbers):
            path = self.folder / f"{mark}-{numbers[0]}"
            path.write_text("".join(self.line(mark, n) + "\n" for n in numbers), encoding="utf-8")
            run("logger", "-n", "127.0.0.1", *options, "-t", "sshd", "-f", str(path))
        self.halves(send, pause)

    def logger_udp(self, mark, _, pause):
        self.logger(mark, pause, "-P", str(self.centre.udp), "-d", "--rfc3164")

    def logger_tcp(self, mark, _, pause):
        self.logger(mark, pause, "-P", str(self.centre.tcp), "-T", "--rfc5424")

    def logger_tcp_counted(self, mark, _, pause):
        self.logger(mark, pause, "-P", str(self.centre.tcp), "-T", "--octet-count")

    def rsyslog(self, mark, pause, action, settings="", token=""):
        folder = self.folder / mark
        folder.mkdir()
        watched = folder / "watched.log"
        watched.touch()
        (folder / "rsyslog.conf").write_text(
            f"""global(workDirectory="{folder}" {settings})
module(load="imfile" mode="inotify")
input(type="imfile" file="{watched}" tag="sshd:" severity="info" facility="auth")
template(name="token" type="string" string="<%PRI%>1 %TIMESTAMP:::date-rfc3339% srv-01 sshd 7 - [khien@32473 token=\\"{token}\\"] %msg%\\n")
{action}
""",
            encoding="utf-8",
        )
        daemon = self.daemon(
            ["rsyslogd", "-n", "-f", str(folder / "rsyslog.conf"), "-i", str(folder / "pid")]
        )
        try:
            time.sleep(1)
            self.throughout(lambda numbers: self.append(watched, mark, numbers), pause)
            self.arrives(mark, EVENTS)
        finally:
            self.end(daemon)

    RSYSLOG = (
        'action(type="omfwd" target="127.0.0.1" protocol="tcp" {} action.resumeRetryCount="-1" '
        'action.resumeInterval="1" queue.type="linkedList" queue.size="100000")'
    )

    def rsyslog_tcp(self, mark, _, pause):
        self.rsyslog(mark, pause, self.RSYSLOG.format(f'port="{self.centre.tcp}"'))

    def rsyslog_tcp_counted(self, mark, _, pause):
        options = f'port="{self.centre.tcp}" TCP_Framing="octet-counted"'
        self.rsyslog(mark, pause, self.RSYSLOG.format(options))

    def rsyslog_tls_certificate(self, mark, _, pause):
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
        self.rsyslog(mark, pause, self.RSYSLOG.format(options), files)

    def rsyslog_tls_token(self, mark, token, pause):
        options = (
            f'port="{self.centre.tls}" StreamDriver="gtls" StreamDriverMode="1" '
            'StreamDriverAuthMode="x509/certvalid" template="token"'
        )
        files = f'defaultNetstreamDriverCAFile="{self.centre.ca}"'
        self.rsyslog(mark, pause, self.RSYSLOG.format(options), files, token)

    def syslog_ng_run(self, mark, pause, destination):
        folder = self.folder / mark
        folder.mkdir()
        watched = folder / "watched.log"
        watched.touch()
        (folder / "syslog-ng.conf").write_text(
            f"""@version: 3.38
options {{ time-reopen(1); flush-lines(1); }};
source watched {{ file("{watched}" flags(no-parse) program-override("sshd") follow-freq(0.1)); }};
destination centre {{ {destination} }};
log {{ source(watched); destination(centre); flags(flow-control); }};
""",
            encoding="utf-8",
        )
        root = Path(self.syslog_ng).resolve()
        libraries = ":".join(
            str(root / part) for part in ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/syslog-ng")
        )
        modules = next((root / "usr/lib/syslog-ng").glob("3*"))
        daemon = self.daemon(
            [
                str(root / "usr/sbin/syslog-ng"), "-F", "--no-caps", "-f", str(folder / "syslog-ng.conf"),
                "-R", str(folder / "persist"), "-p", str(folder / "pid"), "-c", str(folder / "ctl"),
                f"--module-path={modules}",
            ],
            {"LD_LIBRARY_PATH": libraries},
        )
        try:
            time.sleep(1.5)
            self.throughout(lambda numbers: self.append(watched, mark, numbers), pause)
            self.arrives(mark, EVENTS)
        finally:
            self.end(daemon)

    def syslog_ng_tcp(self, mark, _, pause):
        self.syslog_ng_run(mark, pause, f'network("127.0.0.1" port({self.centre.tcp}) transport(tcp));')

    def syslog_ng_tls(self, mark, _, pause):
        folder = self.folder / "client"
        self.syslog_ng_run(
            mark,
            pause,
            f'syslog("127.0.0.1" port({self.centre.tls}) transport(tls) tls(ca-file("{self.centre.ca}") '
            f'cert-file("{folder}/syslog-ng.crt") key-file("{folder}/syslog-ng.key") '
            "peer-verify(required-trusted)));",
        )

    # The course of a test.

    def halves(self, send, pause):
        numbers = list(range(EVENTS))
        send(numbers[: EVENTS // 2])
        pause()
        send(numbers[EVENTS // 2 :])

    def throughout(self, send, pause):
        """Sends on while the centre is stopped and started: for clients that try again."""
        restart = threading.Timer(1.2, pause)
        restart.start()
        send(list(range(EVENTS)))
        restart.join()

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


# Name, kind of source, what has to be installed.
TESTS = [
    ("curl_json", "http", "curl"),
    ("curl_lines", "http", "curl"),
    ("elasticsearch", "http", None),
    ("opentelemetry", "http", None),
    ("splunk_handler", "http", None),
    ("hec_acknowledged", "http", None),
    ("khien_push", "file", None),
    ("logger_udp", "syslog", "logger"),
    ("logger_tcp", "syslog", "logger"),
    ("logger_tcp_counted", "syslog", "logger"),
    ("rsyslog_tcp", "syslog", "rsyslogd"),
    ("rsyslog_tcp_counted", "syslog", "rsyslogd"),
    ("rsyslog_tls_certificate", "syslog", "rsyslogd"),
    ("rsyslog_tls_token", "syslog", "rsyslogd"),
    ("syslog_ng_tcp", "syslog", "syslog-ng"),
    ("syslog_ng_tls", "syslog", "syslog-ng"),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--khien", required=True)
    parser.add_argument("--syslog-ng", required=True)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="khien-clients-"))
    centre = Centre(str(Path(arguments.khien).resolve()), folder)
    clients = Clients(centre, folder, arguments.syslog_ng)
    (folder / "client").mkdir()
    by_certificate = {
        "rsyslog_tls_certificate": certificate(folder / "client", "rsyslog"),
        "syslog_ng_tls": certificate(folder / "client", "syslog-ng"),
    }
    # Whoever sends from the loopback without telling more is this source.
    centre.source("sokhcn", "syslog", "loopback", "--from", "127.0.0.1")
    centre.start()
    # Wins over what the clients are told.
    os.environ["REQUESTS_CA_BUNDLE"] = str(centre.ca)
    failed = []
    for number, (name, kind, needed) in enumerate(TESTS):
        if arguments.names and name not in arguments.names:
            continue
        there = needed is None or shutil.which(needed)
        if needed == "syslog-ng":
            there = (Path(arguments.syslog_ng) / "usr/sbin/syslog-ng").exists()
        if not there:
            print(f"left out: {name}: {needed} is not installed")
            continue
        plain = kind == "syslog" and name not in by_certificate and name != "rsyslog_tls_token"
        agency = "sokhcn" if plain or number % 2 == 0 else "soyt"
        more = ["--certificate", by_certificate[name]] if name in by_certificate else []
        token = None if plain else centre.source(agency, kind, name, *more)
        # The running centre learns of a new source within two seconds.
        time.sleep(2.5)
        mark = f"mark{number:02}{name.replace('_', '')}"
        try:
            expected = getattr(clients, name)(mark, token, centre.restart) or EVENTS
            clients.arrives(mark, expected)
            time.sleep(1)
            found = centre.count(f'"{mark}"')
            in_agency = centre.count(f'agency:{agency} AND "{mark}"')
            is_right = found == in_agency == expected
            word = "ok    " if is_right else "FAILED"
            print(f"{word} {name}: {expected} sent, {found} found, {in_agency} of them in {agency}", flush=True)
        except Exception as error:
            is_right = False
            print(f"FAILED {name}: {error}", flush=True)
        if not is_right:
            failed.append(name)
    centre.stop()
    if failed:
        print(f"see {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
