"""Time the same work in R and in Python, one after the other in one run.

Absolute times depend on the machine and the minute; what is reported is their ratio.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """One piece of work.

    Attributes
    ----------
    name : str
    python : callable
        Does the work once; what it needs is prepared beforehand.
    r : str
        An R expression that does the same work once.
    repeats : int
        Python runs, of which the fastest counts.
    r_repeats : int
        R runs, of which the fastest counts.
    """

    name: str
    python: Callable[[], object]
    r: str
    repeats: int = 5
    r_repeats: int = 3


def python_seconds(task: Task) -> float:
    """The fastest of the task's Python runs, after one to warm up."""
    task.python()
    times = []
    for _ in range(task.repeats):
        start = time.perf_counter()
        task.python()
        times.append(time.perf_counter() - start)
    return min(times)


def r_seconds(setup: str, tasks: Sequence[Task]) -> list[float | None]:
    """The fastest of each task's R runs; None where R cannot do it (a package is missing)."""
    lines = [setup]
    for task in tasks:
        lines.append(
            f"cat(tryCatch(min(replicate({task.r_repeats}, {{ t <- proc.time()[['elapsed']]; "
            f"suppressMessages({{ {task.r} }}); proc.time()[['elapsed']] - t }})), "
            "error = function(e) NA), '\\n')"
        )
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "tasks.R"
        script.write_text("\n".join(lines))
        done = subprocess.run(["Rscript", script], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"Rscript failed:\n{done.stderr}")
    return [None if text == "NA" else float(text) for text in done.stdout.split()]


def run(setup: str, tasks: Sequence[Task]) -> None:
    """Print a table: the work, R's time, ours, and how many times faster we are."""
    theirs = r_seconds(setup, tasks)
    print("| work | R, ms | pybootmlm, ms | ratio |")
    print("|---|---:|---:|---:|")
    for task, r in zip(tasks, theirs, strict=True):
        ours = python_seconds(task)
        shown = "not installed" if r is None else f"{1e3 * r:.1f}"
        ratio = "" if r is None else f"{r / ours:.0f}"
        print(f"| {task.name} | {shown} | {1e3 * ours:.2f} | {ratio} |")
