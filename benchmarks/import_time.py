"""What `import pybootmlm` costs beside its dependencies alone: `python benchmarks/import_time.py`.

Every import is timed in a process of its own, in turns, by the processor time that it takes (other
work on the machine adds little to that); the least of the runs counts. Then Python's own
`-X importtime` says which modules take it.
"""

import argparse
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence

# What our layers cannot do without: arrays, factorisations, distributions, sparse blocks, frames.
IMPORTS = {
    "Python": "pass",
    "NumPy": "import numpy",
    "NumPy, pandas": "import numpy, pandas",
    "NumPy, pandas, SciPy": (
        "import numpy, pandas, scipy.linalg, scipy.special, scipy.sparse"
    ),
    "pybootmlm": "import pybootmlm",
}  # fmt: skip
# Modules are compiled once, in the first round, as pip does when it installs them.
ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)


def processor_seconds(code: str) -> float:
    """Processor time of a Python process that runs `code`, the system's share included."""
    before = os.times()
    subprocess.run([sys.executable, "-c", code], check=True, env=ENVIRONMENT)
    after = os.times()
    return (
        after.children_user + after.children_system
        - before.children_user - before.children_system
    )  # fmt: skip


def least(rounds: int) -> dict[str, float]:
    """The least time of every import over so many rounds, all of them in each round."""
    found = {name: float("inf") for name in IMPORTS}
    for _ in range(rounds):
        for name, code in IMPORTS.items():
            found[name] = min(found[name], processor_seconds(code))
    return found


def by_package(rounds: int) -> Counter[str]:
    """Microseconds that modules take themselves, the least of the rounds, summed by package."""
    best: dict[str, int] = {}
    for _ in range(rounds):
        said = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", "import pybootmlm"],
            check=True, env=ENVIRONMENT, capture_output=True, text=True,
        ).stderr  # fmt: skip
        for line in said.splitlines():
            own, _, name = line.removeprefix("import time:").split("|")
            if own.strip().isdecimal():
                best[name.strip()] = min(int(own), best.get(name.strip(), 10**9))
    packages: Counter[str] = Counter()
    for name, own in best.items():
        parts = name.split(".")
        packages[".".join(parts[: 2 if parts[0] in ("pybootmlm", "scipy") else 1])] += own
    return packages


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=9)
    rounds = options.parse_args(arguments).rounds
    found = least(rounds)
    print(f"processor seconds, the least of {rounds} processes\n")
    for name, seconds in found.items():
        print(f"  {name:22} {seconds:6.2f}")
    alone = found["NumPy, pandas, SciPy"]
    print(f"\n  ours beyond the dependencies {found['pybootmlm'] - alone:.2f} s\n")
    print("milliseconds of the modules themselves (python -X importtime)\n")
    for name, own in by_package(rounds).most_common(12):
        print(f"  {name:22} {own / 1000:6.0f}")


if __name__ == "__main__":
    main()
