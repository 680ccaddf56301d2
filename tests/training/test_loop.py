from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from mtfix.errors import ConfigError
from mtfix.training.config import Schedule
from mtfix.training.loop import Batches, Run, encoded, padded

# a model with dropout, so that a lost random state shows; run as a process it can be killed for real
PROGRAM = """
import json, sys, time
from pathlib import Path
import torch
from torch import nn
from mtfix.training.config import Schedule
from mtfix.training.loop import Batches, Run

def go(folder, steps, pause=0.0, checkpoint_minutes=4.0, keep=None, stop=None):
    torch.set_num_threads(1)
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Dropout(0.2), nn.Linear(16, 1))
    data = torch.randn(50, 4, generator=torch.Generator().manual_seed(0))
    schedule = Schedule(learning_rate=0.01, steps=steps, warmup=5, log_every=5, evaluate_every=1000,
                        checkpoint_minutes=checkpoint_minutes)
    run = Run(folder, model, schedule)
    batches = Batches([1 + i % 7 for i in range(50)], 40, seed=2)
    seen = folder / "seen.jsonl"
    def loss(chosen):
        if run.step == keep:
            run.save()
        if run.step == stop:
            raise RuntimeError("stopped")
        with seen.open("a") as file:
            file.write(json.dumps([run.step, chosen]) + "\\n")
        time.sleep(pause)
        x = data[chosen]
        found = nn.functional.mse_loss(model(x)[:, 0], x.sum(1))
        return found, {"batch": len(chosen)}
    run.train(batches, loss, lambda: {"dev": 1.0})
    return run, model

if __name__ == "__main__":
    go(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
"""


def lines(path: Path) -> list:
    return [json.loads(line) for line in path.read_text().splitlines()]


def losses(folder: Path) -> list[tuple[int, float]]:
    return [(row["step"], row["loss"]) for row in lines(folder / "metrics.jsonl") if "loss" in row]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = tmp_path_factory.mktemp("program") / "toy_program.py"
    path.write_text(PROGRAM)
    return path


@pytest.fixture(scope="module")
def go(program):
    namespace: dict = {"__name__": "toy_program"}
    exec(compile(program.read_text(), str(program), "exec"), namespace)
    return namespace["go"]


@pytest.fixture(scope="module")
def whole(go, tmp_path_factory):
    """The undisturbed run."""
    folder = tmp_path_factory.mktemp("whole")
    _, model = go(folder, 60)
    return folder, {name: p.clone() for name, p in model.state_dict().items()}


def test_a_killed_run_goes_on_as_if_nothing_had_happened(program, go, whole, tmp_path):
    folder = tmp_path / "killed"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "OMP_NUM_THREADS": "1"}
    # a checkpoint after every step; slow, so that there is time to kill it
    process = subprocess.Popen([sys.executable, str(program), str(folder), "60", "0.02", "0"], env=environment)
    deadline = time.monotonic() + 60
    while not (folder / "seen.jsonl").exists() or len((folder / "seen.jsonl").read_text().splitlines()) < 23:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (folder / "checkpoint.pt.tmp").write_bytes(b"half a checkp")  # killed while writing the next one
    killed_at = len((folder / "seen.jsonl").read_text().splitlines())
    assert killed_at < 60
    run, model = go(folder, 60)
    assert run.step == 60
    batches = dict(map(tuple, lines(folder / "seen.jsonl")))
    assert batches == dict(map(tuple, lines(whole[0] / "seen.jsonl")))
    for name, value in model.state_dict().items():
        assert torch.allclose(value, whole[1][name], atol=1e-6), name
    assert losses(folder) == [(step, pytest.approx(loss, abs=1e-6)) for step, loss in losses(whole[0])]


def test_steps_after_the_last_checkpoint_are_logged_once(go, whole, tmp_path):
    folder = tmp_path / "run"

    with pytest.raises(RuntimeError, match="stopped"):
        go(folder, 60, keep=23, stop=34)
    assert losses(folder)[-1][0] == 30
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 35, "lo')  # killed in the middle of a line
    go(folder, 60)
    assert losses(folder) == [(step, pytest.approx(loss, abs=1e-6)) for step, loss in losses(whole[0])]


def test_one_line_per_log_step_and_falling_loss(whole):
    found = losses(whole[0])
    assert [step for step, _ in found] == list(range(5, 61, 5))
    assert found[-1][1] < found[0][1] / 2
    rates = [row["lr"] for row in lines(whole[0] / "metrics.jsonl") if "lr" in row]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.002
    assert any("dev" in row for row in lines(whole[0] / "metrics.jsonl"))


def test_a_finished_run_is_not_trained_further(go, tmp_path):
    _, first = go(tmp_path / "run", 10)
    _, second = go(tmp_path / "run", 10)
    assert len(lines(tmp_path / "run" / "seen.jsonl")) == 10
    for name, value in second.state_dict().items():
        assert torch.equal(value, first.state_dict()[name])


def test_a_failed_checkpoint_leaves_the_one_before(tmp_path, monkeypatch):
    schedule = Schedule(learning_rate=0.1, steps=5)
    model = nn.Linear(2, 1)
    run = Run(tmp_path, model, schedule)
    run.step = 2
    run.save()
    before = (tmp_path / "checkpoint.pt").read_bytes()

    def broken(_state, path):
        Path(path).write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", broken)
    run.step = 3
    with pytest.raises(OSError, match="disk full"):
        run.save()
    assert (tmp_path / "checkpoint.pt").read_bytes() == before
    assert Run(tmp_path, nn.Linear(2, 1), schedule).step == 2


def test_only_what_is_trainable_is_saved_and_changed(tmp_path):
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    model[0].requires_grad_(False)
    frozen = model[0].weight.clone()
    moving = model[1].weight.clone()
    run = Run(tmp_path, model, Schedule(learning_rate=0.1, steps=3, warmup=1))
    run.train(lambda step: torch.full((4, 2), float(step)), lambda x: ((model(x) - 1).pow(2).mean(), {}))
    assert set(torch.load(tmp_path / "checkpoint.pt")["model"]) == {"1.weight", "1.bias"}
    assert torch.equal(model[0].weight, frozen)
    assert not torch.equal(model[1].weight, moving)


def test_minutes_end_a_run(tmp_path):
    model = nn.Linear(1, 1)
    run = Run(tmp_path, model, Schedule(learning_rate=0.1, minutes=0.005, warmup=1))
    started = time.monotonic()
    run.train(lambda _: torch.ones(1, 1), lambda x: (model(x).pow(2).mean(), {}))
    assert run.seconds >= 0.3
    assert time.monotonic() - started < 10


lengths = st.lists(st.integers(1, 60), min_size=1, max_size=80)


@settings(max_examples=40, deadline=None)
@given(lengths, st.integers(1, 200), st.integers(0, 5))
def test_batches_hold_every_example_once_per_epoch(lengths, budget, seed):
    batches = Batches(lengths, budget, seed)
    step = 0
    for _ in range(2):
        seen: list[int] = []
        while len(seen) < len(lengths):
            batch = batches(step)
            assert batch
            assert len(batch) == 1 or max(lengths[i] for i in batch) * len(batch) <= budget
            seen += batch
            step += 1
        assert sorted(seen) == list(range(len(lengths)))


@settings(max_examples=40, deadline=None)
@given(lengths, st.integers(1, 200), st.integers(0, 5), st.lists(st.integers(0, 100), min_size=1, max_size=8))
def test_a_batch_is_a_function_of_seed_and_step(lengths, budget, seed, steps):
    batches = Batches(lengths, budget, seed)
    for step in steps:  # in any order, backwards too
        assert batches(step) == Batches(lengths, budget, seed)(step)


def test_epochs_and_seeds_differ():
    lengths = [random.Random(i).randint(1, 20) for i in range(60)]
    count = 1
    while len({i for step in range(count) for i in Batches(lengths, 50, 1)(step)}) < 60:
        count += 1
    first, second = ([Batches(lengths, 50, 1)(e * count + s) for s in range(count)] for e in (0, 1))
    assert first != second
    assert first != [Batches(lengths, 50, 2)(s) for s in range(count)]


def test_no_examples_is_an_error_not_a_hang():
    with pytest.raises(ConfigError, match="no usable examples"):
        Batches([], 100, 1)(0)


def test_mixed_precision_learns_as_well_and_keeps_the_weights_exact(tmp_path):
    data = torch.randn(200, 4, generator=torch.Generator().manual_seed(0))

    def trained(bfloat16):
        torch.manual_seed(3)
        model = nn.Linear(4, 1)
        kinds = set()

        def loss(_):
            found = model(data)
            kinds.add(found.dtype)
            return nn.functional.mse_loss(found[:, 0].float(), data.sum(1)), {}

        schedule = Schedule(learning_rate=0.05, steps=150, warmup=5, weight_decay=0, bfloat16=bfloat16)
        Run(tmp_path / str(bfloat16), model, schedule).train(lambda step: step, loss)
        assert model.weight.dtype == torch.float32
        return kinds, model.weight.detach()

    for bfloat16, kind in ((False, torch.float32), (True, torch.bfloat16)):
        kinds, weight = trained(bfloat16)
        assert kinds == {kind}
        assert torch.allclose(weight, torch.ones(1, 4), atol=0.02)


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=8))
def test_padding_keeps_every_row_and_fills_the_rest(rows):
    matrix = padded(rows, -1).tolist()
    assert [row[: len(given)] for row, given in zip(matrix, rows, strict=True)] == rows
    assert all(set(row[len(given) :]) <= {-1} for row, given in zip(matrix, rows, strict=True))
    assert len({len(row) for row in matrix}) == 1


def test_several_processes_give_what_one_gives_in_the_same_order():
    offset = 100
    one, three = (encoded(lambda i: [offset + i, i], 7, processes) for processes in (1, 3))
    assert one == three == [value for i in range(7) for value in (100 + i, i)]
