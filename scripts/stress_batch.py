"""Kills batch jobs at random moments, fills their disk, write-protects it, takes their input away, and checks.

    python scripts/stress_batch.py --kills 50 --out stress.json

After every blow each file that is there must be whole, and in the end the output must be that of a run that nobody
disturbed, with every document once. A corrector without models works on folders, JSON lines and Parquet. The disk needs
root, for small file systems of its own; without, that part is left out and said so.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from mtfix.documents.edits import apply_edits
from mtfix.types import Correction, Document, Edit, Fingerprint, Span

DOCUMENTS, ROWS = 150, 2_000
LOG = "STRESS_BATCH_LOG"


class Quick:
    """Makes `final` `late`, a thousandth of a second each; writes down what it worked on."""

    fingerprint = Fingerprint("stress", {}, {})

    def fix_many(self, texts: Iterable[str | Document]) -> Iterator[Correction]:
        worked = []
        for one in texts:
            text = one.text if isinstance(one, Document) else one
            time.sleep(0.001)
            start = text.find("final")
            edits = [] if start < 0 else [Edit(Span(start, start + 5), "final", "late", "other", 0.9, "x", True)]
            worked.append(text.partition("\n")[0])
            yield Correction(text, apply_edits(text, edits), (), tuple(edits), None, self.fingerprint)
        with open(os.environ[LOG], "a", encoding="utf-8") as log:
            log.write("".join(f"{line}\n" for line in worked))


def load(**_: Any) -> Quick:
    return Quick()


def as_mtfix(arguments: list[str]) -> None:
    import mtfix
    from mtfix.cli.main import main as run

    mtfix.__dict__["load"] = load
    sys.argv = ["mtfix", *arguments]
    run()


class Stress:
    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.random = folder, random.Random(seed)
        self.input, self.log = folder / "in", folder / "log"
        self.found: dict[str, Any] = {}
        self.make()

    def make(self) -> None:
        from pyarrow import Table, parquet

        (self.input / "articles" / "deep").mkdir(parents=True)
        for number in range(DOCUMENTS):
            text = f"document {number % 125}\n" + "a final word of some length. " * self.random.randint(1, 200)
            (self.input / "articles" / ("deep" if number % 3 else ".") / f"{number}.txt").write_text(text)
        texts = [f"row {number % 1_700}\na final {'word ' * self.random.randint(1, 30)}" for number in range(ROWS)]
        (self.input / "tables").mkdir()
        lines = "".join(json.dumps({"text": text, "n": n}) + "\n" for n, text in enumerate(texts))
        (self.input / "tables" / "a.jsonl").write_text(lines)
        parquet.write_table(Table.from_pydict({"text": texts[::-1]}), self.input / "tables" / "b.parquet")

    def start(self, kind: str, out: Path, **more: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, __file__, "--as-mtfix", "batch", "run", str(self.input / kind), "-o", str(out)]
        environment = {**os.environ, LOG: str(self.log), "PYTHONPATH": str(Path(__file__).parents[1])}
        return subprocess.Popen(
            [*command, "--workers", "2", "--quiet"], env=environment, stderr=subprocess.PIPE, start_new_session=True,
            **more,
        )  # fmt: skip

    def complete(self, kind: str, out: Path) -> int:
        process = self.start(kind, out)
        _, errors = process.communicate()
        check(process.returncode in (0, 1), f"a run ended with {process.returncode}: {errors.decode()}")
        return process.returncode

    def reference(self, kind: str) -> dict[str, bytes]:
        out = self.folder / f"undisturbed-{kind}"
        if not out.exists():
            begin = time.monotonic()
            self.complete(kind, out)
            self.found[f"seconds undisturbed, {kind}"] = round(time.monotonic() - begin, 1)
        return tree(out)

    def whole_so_far(self, kind: str, out: Path) -> None:
        wanted = self.reference(kind)
        for name, data in tree(out).items():
            if name not in ("report.json", "report.html"):
                check(wanted.get(name) == data, f"{out / name} is not whole")

    def whole(self, kind: str, out: Path) -> None:
        self.whole_so_far(kind, out)
        check(set(tree(out)) == set(self.reference(kind)), "documents are missing")
        self.log.write_text("")
        check(self.complete(kind, out) == 0, "a further run fails")
        check(self.log.read_text() == "", "a further run works on documents once more")

    def kills(self, kind: str, number: int) -> None:
        """Kill the process, or it and its workers, until `number` of them died; a job that got through begins anew."""
        self.reference(kind)
        out, done, through, twice = self.folder / f"killed-{kind}", 0, 0, 0
        longest = self.found[f"seconds undisturbed, {kind}"]
        self.log.write_text("")
        while done < number:
            process = self.start(kind, out)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(self.random.uniform(0, longest))
            if process.poll() is None:
                if self.random.random() < 0.5:
                    process.kill()
                else:
                    os.killpg(process.pid, signal.SIGKILL)
                done += 1
                print(f"{done} killed", file=sys.stderr, flush=True)
            process.wait()
            gone(process.pid)
            self.whole_so_far(kind, out)
            if process.returncode == 0:
                twice += again(self.log)
                self.whole(kind, out)
                through += 1
                shutil.rmtree(out)
        self.complete(kind, out)
        twice += again(self.log)
        self.whole(kind, out)
        self.found[f"{kind}: kills"] = done
        self.found[f"{kind}: jobs brought to their end"] = through + 1
        # what a worker had finished when its parent was killed before hearing of it
        self.found[f"{kind}: texts worked on again after a kill"] = twice

    def limited(self) -> None:
        """A file that may not grow any further, as on a disk that is full."""
        import resource

        out = self.folder / "limited"
        for limit in (20_000, 60_000, 200_000, 500_000):
            def lower(limit: int = limit) -> None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

            self.refused(self.start("tables", out, preexec_fn=lower))
            self.whole_so_far("tables", out)
        check(self.complete("tables", out) == 0, "with room again the job doesn't finish")
        self.whole("tables", out)
        self.found["runs that hit a limit of file size"] = 4

    def disk(self) -> None:
        """A small file system that fills up, then one that is write-protected, then one with room."""
        out = self.folder / "disk"
        out.mkdir()
        try:
            mount("-t", "tmpfs", "-o", "size=200k", "tmpfs", str(out))
        except (OSError, subprocess.CalledProcessError):
            self.found["full and write-protected disk"] = "left out: needs root"
            return
        try:
            for size in ("200k", "400k", "800k"):
                mount("-o", f"remount,size={size}", str(out))
                self.refused(self.start("articles", out))
                self.whole_so_far("articles", out)
            mount("-o", "remount,ro", str(out))
            self.refused(self.start("articles", out))
            mount("-o", "remount,rw,size=64m", str(out))
            check(self.complete("articles", out) == 0, "with room again the job doesn't finish")
            self.whole("articles", out)
        finally:
            subprocess.run(["umount", str(out)], check=True)
        self.found["full and write-protected disk"] = "4 runs refused, then finished"

    def removed(self, times: int = 6) -> None:
        """Documents that go away while the job runs, and come back."""
        out, away, place = self.folder / "removed", self.folder / "away", self.input / "articles" / "deep"
        codes = []
        for _ in range(times):
            process = self.start("articles", out)
            time.sleep(self.random.uniform(0, self.found["seconds undisturbed, articles"]))
            place.rename(away)
            codes.append(process.wait())
            check(codes[-1] in (0, 1, 2), f"a removed input ends with {codes[-1]}")
            self.whole_so_far("articles", out)
            away.rename(place)
            check(self.complete("articles", out) == 0, "with the input back the job doesn't finish")
            self.whole("articles", out)
            shutil.rmtree(out)
        self.found["exit codes when input is removed"] = codes

    @staticmethod
    def refused(process: subprocess.Popen[bytes]) -> None:
        _, errors = process.communicate()
        lines = errors.decode().splitlines()
        check(process.returncode == 2, f"not refused but {process.returncode}: {errors.decode()}")
        check(len(lines) == 1, f"not one sentence: {lines}")


def tree(out: Path) -> dict[str, bytes]:
    files = [path for path in out.rglob("*") if path.is_file() and ".mtfix" not in path.parts]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def again(log: Path) -> int:
    """How many texts were worked on more than once since the log was emptied; empties it."""
    lines = log.read_text().splitlines()
    log.write_text("")
    return len(lines) - len(set(lines))


def gone(group: int) -> None:
    """Workers end by themselves when their parent is killed."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    check(False, "workers outlive their parent")


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"FAILED: {otherwise}")


def main() -> None:
    if sys.argv[1:2] == ["--as-mtfix"]:
        as_mtfix(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="for documents and for tables, half of them each")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mtfix-stress-") as name:
        stress = Stress(Path(name), arguments.seed)
        steps: list[Callable[[], object]] = [
            lambda: stress.reference("articles"), lambda: stress.reference("tables"),
            stress.limited, stress.disk, stress.removed,
            lambda: stress.kills("articles", arguments.kills // 2),
            lambda: stress.kills("tables", arguments.kills - arguments.kills // 2),
        ]  # fmt: skip
        for step in steps:
            step()
            print(json.dumps(stress.found), file=sys.stderr, flush=True)
    print(json.dumps(stress.found, indent=1))
    if arguments.out:
        arguments.out.write_text(json.dumps(stress.found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
