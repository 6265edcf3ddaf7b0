"""Large crossed and nested models beside lme4 and mixedlm, in processor time.

    python benchmarks/large.py

Needs R with lme4; mixedlm (``pip install mixedlm``) is timed where it is installed. R takes some
minutes. Every library's time is that of its own process's processors, so other work on the machine
adds little; all use one BLAS thread.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np
import pandas as pd

import pybootmlm as bm

INSTEVAL = {
    "InstEval, (1 | s) + (1 | d) + (1 | dept:service)": (
        "y ~ 1 + (1 | s) + (1 | d) + (1 | dept:service)"
    ),
    "InstEval, (1 | s) + (1 + service | d) + (1 | dept:service)": (
        "y ~ 1 + (1 | s) + (1 + service | d) + (1 | dept:service)"
    ),
}
SCHOOLS = "y ~ x + (1 | school / class)"
PENICILLIN = "diameter ~ 1 + (1 | plate) + (1 | sample)"
REPLICATES, R_REPLICATES = 500, 50


def schools(rows: int = 200_000, classes: int = 20_000, schools: int = 2_000) -> pd.DataFrame:
    """Pupils in classes in schools."""
    rng = np.random.default_rng(1)
    one = rng.permutation(np.arange(rows) % classes)
    y = rng.normal(size=rows) + 0.6 * rng.normal(size=classes)[one]
    y += 0.4 * rng.normal(size=schools)[one % schools]
    x = rng.normal(size=rows)
    frame = pd.DataFrame({"y": y + 0.5 * x, "x": x, "class": one, "school": one % schools})
    return frame.astype({"class": str, "school": str})


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one run."""
    start = time.process_time()
    work()
    return time.process_time() - start


def r_seconds(csv: Path) -> list[float]:
    """Processor time of lme4 for the same work, in the same order."""
    fits = [f"lmer({formula}, InstEval)" for formula in INSTEVAL.values()]
    lines = [
        "suppressMessages(library(lme4))",
        f"schools <- read.csv('{csv}', stringsAsFactors = TRUE)",
        f"penicillin <- lmer({PENICILLIN}, Penicillin)",
        "time <- function(work) { gc(); t <- proc.time(); suppressWarnings(suppressMessages(work));"
        "cat(sum((proc.time() - t)[1:2]), '\\n') }",
        *(f"time({fit})" for fit in fits),
        f"time(lmer({SCHOOLS}, schools))",
        f"time(bootMer(penicillin, function(m) m@theta, nsim = {R_REPLICATES}, seed = 1))",
    ]
    script = csv.with_suffix(".R")
    script.write_text("\n".join(lines))
    done = subprocess.run(["Rscript", script], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"Rscript failed:\n{done.stderr}")
    return [float(line) for line in done.stdout.split()]


def mixedlm_seconds(work: list[tuple[str, pd.DataFrame]]) -> list[float | None]:
    """Processor time of mixedlm's fits; None where it is not installed or fails."""
    try:
        import mixedlm
    except ImportError:
        return [None] * len(work)
    found: list[float | None] = []
    for formula, data in work:
        # It does not read categoricals as groups.
        plain = data.astype(dict.fromkeys(data.select_dtypes("category"), str))
        try:
            found.append(seconds(lambda f=formula, d=plain: mixedlm.lmer(f, d)))  # type: ignore[misc]
        except Exception as error:
            print(f"mixedlm: {formula}: {error}", file=sys.stderr)
            found.append(None)
    return found


def main() -> None:
    """Run everything and print the table."""
    data, insteval = schools(), bm.load_dataset("InstEval")
    penicillin = bm.lmer(PENICILLIN, bm.load_dataset("Penicillin"))
    work: dict[str, Callable[[], object]] = {
        name: lambda f=formula: bm.lmer(f, insteval)  # type: ignore[misc]
        for name, formula in INSTEVAL.items()
    }
    work["200,000 rows, 20,000 classes in 2,000 schools"] = lambda: bm.lmer(SCHOOLS, data)
    bm.lmer(SCHOOLS, data.iloc[:4000])  # what is imported late is imported
    ours = [min(seconds(one) for _ in range(3)) for one in work.values()]
    boot = seconds(lambda: bm.bootstrap_mer(penicillin, "theta", REPLICATES, rng=1)) / REPLICATES
    with tempfile.TemporaryDirectory() as folder:
        csv = Path(folder) / "schools.csv"
        data.to_csv(csv, index=False)
        *lme4, r_boot = r_seconds(csv)
    fits = [(formula, insteval) for formula in INSTEVAL.values()]
    theirs = mixedlm_seconds([*fits, (SCHOOLS, data)])
    print("| fit | lme4, s | mixedlm, s | pybootmlm, s | lme4 / ours | mixedlm / ours |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, own, r, rust in zip(work, ours, lme4, theirs, strict=True):
        shown = "failed" if rust is None else f"{rust:.1f}"
        ratio = "" if rust is None else f"{rust / own:.1f}"
        name = name.replace("|", "\\|")
        print(f"| {name} | {r:.1f} | {shown} | {own:.2f} | {r / own:.0f} | {ratio} |")
    each = r_boot / R_REPLICATES
    print(f"\nA parametric replicate of Penicillin: lme4 {1e3 * each:.1f} ms, ", end="")
    print(f"ours {1e3 * boot:.2f} ms ({each / boot:.0f} times).")


if __name__ == "__main__":
    main()
