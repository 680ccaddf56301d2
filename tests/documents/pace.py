"""Whether time grows with the length of a text and not with its square."""

import gc
import math
import time
from collections.abc import Callable

ATTEMPTS = 3  # what else the machine does only ever adds to the time


def assert_linear(work: Callable[[str], object], unit: str, length: int, seconds: float = math.inf) -> None:
    """`work` on `unit` repeated to `length` characters takes about four times as long as to a quarter of them, and less
    than so many seconds.

    Sixteen times as long would be quadratic. A fifth of a second more is forgiven: too little to tell, and nothing
    that an attacker gains by.
    """
    short, long = (unit * (size // len(unit)) for size in (length // 4, length))
    took: list[tuple[float, float]] = []
    for _ in range(ATTEMPTS):
        took.append((_seconds(work, short), _seconds(work, long)))
        if took[-1][1] < min(seconds, 8 * took[-1][0] + 0.2):
            return
    raise AssertionError(f"seconds for a quarter and for all of {length:,} characters: {took}")


def _seconds(work: Callable[[str], object], text: str) -> float:
    # a collection would look through all objects of the test run
    gc.disable()
    start = time.process_time()
    try:
        work(text)
        return time.process_time() - start
    finally:
        gc.enable()
