"""Fifty people click while events come in. See bench-console."""

import contextlib
import http.client
import json
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

PEOPLE, PAUSE, EVENTS_A_SECOND = 50, 2.0, 10_000
PAGES = ["/overview", "/alerts", "/alerts?open=3", "/alerts?group=rule", "/search?span=1h",
         "/search?q=sshd&span=1h", "/incidents", "/shift", "/sources", "/rules", "/rules/coverage",
         "/systems", "/agencies", "/account", "/index", "/index/agencies/sokhcn",
         "/index/agencies/sokhcn/N3.3", "/gate", "/gate/mh-dvc", "/dossiers", "/findings", "/calendar",
         "/budget", "/risks", "/controls", "/evidence"]


def request(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("localhost", port, timeout=60)
    began = time.perf_counter()
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    text = answer.read()
    taken = time.perf_counter() - began
    connection.close()
    return answer, text, taken


def sign_in(port, account):
    form = urllib.parse.urlencode({"name": account["user"], "password": account["password"]})
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    answer, _, _ = request(port, "POST", "/sign-in", form, kind)
    return {"Cookie": answer.getheader("set-cookie").split(";")[0], "Accept": "text/html"}


def cpu(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def feed(port, token, stop, sent):
    """JSON events, a tenth of a second's worth at a time."""
    line = json.dumps({"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational",
                       "Computer": "pc-%d.minhhoa.example", "Image": "C:\\Windows\\explorer.exe",
                       "CommandLine": "explorer.exe /factory %d", "User": "MINHHOA\\canbo%d"})
    begun, number = time.monotonic(), 0
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    while not stop.is_set():
        due = int((time.monotonic() - begun) * EVENTS_A_SECOND)
        count = min(due - number, 5000)
        if count < EVENTS_A_SECOND // 10:
            time.sleep(0.02)
            continue
        body = "\n".join(line % (n % 300, n, n % 90) for n in range(number, number + count))
        answer, text, _ = request(port, "POST", "/api/v1/intake/json", body, headers)
        assert answer.status < 300, (answer.status, text[:200])
        number += count
        sent[0] = number


def person(port, headers, stop, times, failures, seed):
    chance = random.Random(seed)
    time.sleep(chance.random() * PAUSE)
    while not stop.is_set():
        page = chance.choice(PAGES)
        answer, text, taken = request(port, "GET", page, None, headers)
        if answer.status != 200:
            failures.append((page, answer.status))
        times.append((page, taken, len(text)))
        stop.wait(chance.uniform(0.5, 1.5) * PAUSE)


def quantile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


@contextlib.contextmanager
def browser(site):
    """A function that opens a page with an empty cache and tells when it was first painted."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL)

    def call(path, body):
        answer, text, _ = request(port, "POST", path, json.dumps(body))
        assert answer.status == 200, text
        return json.loads(text)["value"]

    try:
        time.sleep(2)
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1366,768",
                            "--disable-background-networking", "--disable-component-update"]}
        made = call("/session", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}})
        session = f"/session/{made['sessionId']}"

        def open_page(path, cookie):
            name, value = cookie.split("=", 1)
            for command, parameters in [
                ("Network.clearBrowserCache", {}),
                ("Network.setCookie", {"name": name, "value": value, "url": site}),
            ]:
                call(f"{session}/goog/cdp/execute", {"cmd": command, "params": parameters})
            call(f"{session}/url", {"url": site + path})
            script = ("const told = arguments[0], name = 'first-contentful-paint';"
                      "new PerformanceObserver((seen) => seen.getEntriesByName(name)"
                      ".forEach((paint) => told(paint.startTime)))"
                      ".observe({type: 'paint', buffered: true})")
            return call(f"{session}/execute/async", {"script": script, "args": []})

        yield open_page
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("DELETE", session)
        connection.getresponse().read()
    finally:
        driver.send_signal(signal.SIGTERM)
        driver.wait(30)


def main():
    khien, seconds = sys.argv[1], float(sys.argv[2])
    demo = subprocess.Popen([khien, "demo", "--json", "--addr", "127.0.0.1:0"],
                            stdout=subprocess.PIPE, text=True)
    try:
        told = json.loads(demo.stdout.readline())
        port = urllib.parse.urlparse(told["url"]).port
        accounts = {account["user"]: account for account in told["accounts"]}
        made = subprocess.run([khien, "source", "add", "--data", told["data"], "--system", "mh-dvc",
                               "--kind", "http", "--name", "đo", "--events-per-second", "100000",
                               "--json"], check=True, capture_output=True, text=True)
        token = re.search(r"khien_src_\w+", made.stdout).group()
        headers = sign_in(port, accounts["truc1"])
        time.sleep(15)  # The day before comes in.
        asset = re.search(r'/static/[^"]+app\.css', request(port, "GET", "/alerts", None, headers)[1].decode()).group()
        stop, sent, times, failures = threading.Event(), [0], [], []
        threads = [threading.Thread(target=feed, args=(port, token, stop, sent))]
        threads += [threading.Thread(target=person, args=(port, headers, stop, times, failures, seed))
                    for seed in range(PEOPLE)]
        began, worked = time.monotonic(), cpu(demo.pid)
        for thread in threads:
            thread.start()
        try:
            floor, paints = [], []
            while time.monotonic() - began < seconds:
                floor.append(request(port, "GET", asset)[2])
                time.sleep(0.5)
            lasted, worked = time.monotonic() - began, cpu(demo.pid) - worked
            counted, received = len(times), sent[0]
            if shutil.which("chromedriver"):
                # The browser takes a processor for itself: it looks after the others were counted, while
                # they go on.
                with browser(f"http://localhost:{port}") as open_page:
                    for _ in range(3):
                        for page in ["/overview", "/alerts", "/search?span=1h"]:
                            paints.append(open_page(page, headers["Cookie"]))
        finally:
            stop.set()
        for thread in threads:
            thread.join()
        times = times[:counted]
        for page in PAGES:
            of = [taken * 1000 for name, taken, _ in times if name == page]
            size = max(size for name, _, size in times if name == page)
            print(f"{page:28} {len(of):5} times  median {quantile(of, .5):6.1f} ms  "
                  f"99 % {quantile(of, .99):6.1f} ms  largest {size / 1024:6.1f} KiB")
        every = [taken * 1000 for _, taken, _ in times]
        base = quantile([taken * 1000 for taken in floor], .5)
        print(f"all pages: {len(every)} in {lasted:.0f} s, median {quantile(every, .5):.1f} ms, "
              f"99 % {quantile(every, .99):.1f} ms, longest {max(every):.1f} ms; "
              f"{received / lasted:.0f} events/s; the centre used {worked / lasted:.2f} processors")
        print(f"ratio of the median page to the style sheet handed out as it is ({base:.1f} ms): "
              f"{quantile(every, .5) / base:.1f}")
        if paints:
            print(f"first paint in a browser with an empty cache: median {quantile(paints, .5):.0f} ms, "
                  f"longest {max(paints):.0f} ms")
        if failures:
            sys.exit(f"{len(failures)} pages failed: {failures[:5]}")
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(30)


main()
