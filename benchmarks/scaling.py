"""How time and memory of fits and bootstraps grow: `python benchmarks/scaling.py [PICTURE]`.

Every point is a process of its own, so that its peak of memory is its own; time is the processor's.
Prints the table, and draws `docs/_static/scaling.svg` (needs Matplotlib). Linux only: the memory is
read from /proc.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np
import pandas as pd

PICTURE = Path(__file__).parent.parent / "docs" / "_static" / "scaling.svg"
Work = Callable[[], object]


def frame(rows: int, slopes: int = 1, **levels: int) -> pd.DataFrame:
    """Rows with grouping factors of so many levels; without more, each is nested in the next."""
    rng = np.random.default_rng(1)
    data = {f"x{k}": rng.normal(size=rows) for k in range(1, slopes + 1)}
    y, first = rng.normal(size=rows), rng.permutation(rows)
    for name, count in levels.items():
        codes = rng.integers(0, count, rows) if name.startswith("crossed") else first % count
        y = y + (0.6 + 0.3 * data["x1"]) * rng.normal(size=count)[codes]
        data[name] = pd.Categorical.from_codes(codes, [str(k) for k in range(count)])
    return pd.DataFrame({**data, "y": y})


def rows(size: int) -> Work:
    return fit("y ~ x1 + (x1 | g)", frame(size, g=size // 10))


def clusters(size: int) -> Work:
    return fit("y ~ x1 + (x1 | g)", frame(300_000, g=size))


def nested(size: int) -> Work:
    return fit("y ~ x1 + (1 | c / b / a)", frame(size, a=size // 10, b=size // 100, c=size // 1000))


def crossed(size: int) -> Work:
    return fit("y ~ x1 + (1 | g) + (1 | crossed)", frame(20 * size, g=5 * size, crossed=size))


def effects(size: int) -> Work:
    slopes = " + ".join(f"x{k}" for k in range(1, size))
    return fit(f"y ~ 1 + ({slopes} || g)", frame(30_000, size, g=1000))


def replicates(size: int) -> Work:
    import pybootmlm as bm

    fitted = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    return lambda: bm.bootstrap_mer(fitted, "theta", size, rng=1)


def crossed_replicates(size: int) -> Work:
    import pybootmlm as bm

    fitted = fit("y ~ x1 + (1 | g) + (1 | crossed)", frame(4000, g=1000, crossed=100))()
    return lambda: bm.bootstrap_mer(fitted, "theta", size, rng=1)


def fit(formula: str, data: pd.DataFrame) -> Callable[[], object]:
    import pybootmlm as bm

    return lambda: bm.lmer(formula, data)


# The series, what its axis counts, and its sizes.
SERIES: dict[str, tuple[Callable[[int], Work], str, tuple[int, ...]]] = {
    "rows, 10 a cluster, one slope": (rows, "rows", (10_000, 30_000, 100_000, 300_000, 1_000_000)),
    "rows, nested to three levels": (nested, "rows", (10_000, 30_000, 100_000, 300_000, 1_000_000)),
    "clusters of 300,000 rows": (clusters, "clusters", (100, 1000, 10_000, 30_000, 100_000)),
    "random slopes of 1000 clusters": (effects, "effects a cluster", (2, 4, 8, 16)),
    "crossed factor's levels": (crossed, "levels", (125, 250, 500, 1000, 2000)),
    "replicates, sleepstudy": (replicates, "replicates", (500, 1000, 2000, 4000, 8000)),
    "replicates, 1000 by 100 crossed": (crossed_replicates, "replicates", (8, 16, 32, 64)),
}


def memory(field: str) -> float:
    """A field of the process's memory, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def point(name: str, size: int) -> dict[str, float]:
    """Processor time, and the memory beyond what there was, of one piece of work."""
    import pybootmlm as bm

    # What is imported late, and what the first call sets up, is no part of it.
    bm.lmer("diameter ~ 1 + (1 | plate) + (1 | sample)", bm.load_dataset("Penicillin"))
    bm.lmer("y ~ x1 + (1 | c / b / a)", frame(4000, a=400, b=40, c=4))
    work = SERIES[name][0](size)
    Path("/proc/self/clear_refs").write_text("5")
    before, start = memory("VmRSS"), time.process_time()
    work()
    return {"seconds": time.process_time() - start, "MB": memory("VmHWM") - before}


def measured(name: str, size: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--point", name, str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def slope(sizes: np.ndarray, values: np.ndarray) -> float:
    """Exponent of the growth, over the larger half of the sizes, where constants matter less."""
    half = len(sizes) // 2
    return float(np.polyfit(np.log(sizes[half:]), np.log(np.maximum(values[half:], 1e-3)), 1)[0])


def draw(results: dict[str, dict[str, np.ndarray]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "scaling", "font.size": 9})
    figure, panels = pyplot.subplots(2, 1, figsize=(7.2, 9), layout="constrained")
    for panel, what, title in zip(
        panels, ("seconds", "MB"), ("Processor time, s", "Memory, MB"), strict=True
    ):
        for k, (name, found) in enumerate(results.items()):
            exponent = slope(found["size"], found[what])
            panel.loglog(
                found["size"], np.maximum(found[what], 0.1 if what == "MB" else 0),
                "osD^vPX"[k] + "-", label=f"{name}: {exponent:.1f}", markersize=4, linewidth=1,
            )  # fmt: skip
        panel.set(xlabel="size", ylabel=title)
        panel.grid(alpha=0.3)
        legend = "exponent of growth" if what == "seconds" else "exponent of growth of memory"
        panel.legend(title=legend, fontsize=7, title_fontsize=8, loc="upper left")
        panel.set_ylim(top=panel.get_ylim()[1] * 30)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    if sys.argv[1:2] == ["--point"]:
        print(json.dumps(point(sys.argv[2], int(sys.argv[3]))))
        return
    results = {}
    for name, (_, counted, sizes) in SERIES.items():
        found = [measured(name, size) for size in sizes]
        results[name] = {
            "size": np.array(sizes, float),
            **{key: np.array([one[key] for one in found]) for key in ("seconds", "MB")},
        }
        table = results[name]
        print(f"\n{name} ({counted})")
        for size, one in zip(sizes, found, strict=True):
            print(f"  {size:>9,} {one['seconds']:9.3f} s {one['MB']:8.0f} MB")
        print("  exponents", *(round(slope(table["size"], table[k]), 2) for k in ("seconds", "MB")))
    draw(results, Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)


if __name__ == "__main__":
    main()
