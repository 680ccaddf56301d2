"""Load on a server of this machine: many clients at once, each asking again as soon as it has its answer.

    python scripts/bench_serve.py --clients 32 --seconds 60

Starts `mtfix serve` with the shipped models. Every request checks one to three sentences of the public benchmark
in an order of its own, so that few texts come twice; `--remember 0` switches the server's memory off altogether.
Prints requests, errors, times to an answer and the server's memory as JSON. Exits 1 after an error, or when the
memory in the last third of the time is over 5 % above that of the second third.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).parents[1]
GROWTH = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--remember", type=int, default=0, help="as in mtfix serve")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    server, port = started(arguments.remember)
    try:
        report = load(port, server.pid, texts(), arguments)
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait()
    report |= {"exit code of the server": code, "machine": f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"}
    print(json.dumps(report, indent=1))
    if report["errors"] or code or report["memory growth"] > GROWTH:
        sys.exit(1)


def started(remember: int) -> tuple[subprocess.Popen[str], int]:
    """The server and its port, once it answers."""
    command = [sys.executable, "-m", "mtfix", "serve", "--port", "0", "--remember", str(remember)]
    command += ["--queue", "256", "--time-limit", "600"]  # all clients shall wait their turn
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"serving at http://127\.0\.0\.1:(\d+)/", line):
            # its log must not fill the pipe
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return process, int(found[1])
    sys.exit(f"the server ended with {process.wait()}")


def texts() -> list[str]:
    """Sentences of the public benchmark."""
    rows = [json.loads(line) for path in sorted((ROOT / "seeds" / "benchmark").glob("*.jsonl")) for line in path.open()]
    return sorted({row["text"] for row in rows if isinstance(row.get("text"), str)})


def load(port: int, pid: int, sentences: list[str], arguments: argparse.Namespace) -> dict[str, Any]:
    end = time.monotonic() + arguments.seconds
    seconds: list[float] = []
    answers: Counter[str] = Counter()
    words = 0
    lock = threading.Lock()

    def client(number: int) -> None:
        nonlocal words
        chance = random.Random(arguments.seed * 1000 + number)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=900)
        while time.monotonic() < end:
            text = " ".join(chance.sample(sentences, chance.randint(1, 3)))
            begin = time.monotonic()
            outcome = asked(connection, text)
            with lock:
                answers[outcome] += 1
                seconds.append(time.monotonic() - begin)
                words += len(text.split())

    threads = [threading.Thread(target=client, args=(number,)) for number in range(arguments.clients)]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    memory: list[float] = []
    while any(thread.is_alive() for thread in threads):
        memory.append(resident(pid))
        time.sleep(0.5)
    took = time.monotonic() - begin
    third = len(memory) // 3
    middle, last = statistics.fmean(memory[third : 2 * third]), statistics.fmean(memory[2 * third :])
    cuts = statistics.quantiles(seconds, n=100)
    waited = {f"p{n}": round(cuts[n - 1], 2) for n in (50, 95, 99)} | {"max": round(max(seconds), 2)}
    return {
        "clients": arguments.clients,
        "seconds": round(took, 1),
        "requests": len(seconds),
        "errors": sum(answers.values()) - answers["200"],
        "answers": dict(answers),
        "requests per second": round(len(seconds) / took, 2),
        "words per second": round(words / took, 1),
        "seconds to an answer": waited,
        "memory MB": {"second third": round(middle), "last third": round(last), "max": round(max(memory))},
        "memory growth": round(last / middle - 1, 4),
    }


def asked(connection: http.client.HTTPConnection, text: str) -> str:
    """The status of the answer, or what went wrong."""
    body = urlencode({"language": "en-US", "text": text})
    try:
        connection.request("POST", "/v2/check", body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        json.loads(answer.read())
        return str(answer.status)
    except (OSError, http.client.HTTPException, ValueError) as error:
        connection.close()
        return type(error).__name__


def resident(pid: int) -> float:
    """MB in memory."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
