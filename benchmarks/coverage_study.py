"""The coverage of bootmlm's intervals for the ICC and a standardised mean difference.

    python benchmarks/coverage_study.py            run the study, write data, plots and page
    python benchmarks/coverage_study.py --page     write plots and page from the data

In the manner of Lai (2021). The study goes on where it stopped, from `--checkpoint`; it takes some
minutes of one core, or `--jobs`.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

# As everywhere: one thread.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np
import pandas as pd

import pybootmlm as bm
from coverage_page import page
from pybootmlm.study.plot import plot_coverage

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "coverage"
PAGE = FOLDER.parent / "coverage_study.md"
TYPES = ("parametric", "residual", "case")
SETTINGS = {"datasets": 200, "nsim": 399, "seed": 20211, "level": 0.95}


def designs() -> list[bm.Design]:
    """Two numbers of clusters, two ICCs, normal and very skewed."""
    return bm.design_grid(
        clusters=[10, 30], size=[10], icc=[0.1, 0.3], distribution=["normal", "chi2"], d=[0.5]
    )


def main() -> None:
    """Run, or read what was run; write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true", help="do not run")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--checkpoint", default="coverage_study.checkpoint")
    options = parser.parse_args()
    if not options.page:
        run(options.jobs, options.checkpoint)
    frame = pd.read_csv(FOLDER / "coverage.csv")
    facts = json.loads((FOLDER / "facts.json").read_text(encoding="utf-8"))
    for estimand in ("icc", "d"):
        figure = plot_coverage(frame, estimand, facts["factors"], facts["level"])
        figure.savefig(FOLDER / f"{estimand}.png", dpi=110, metadata={"Software": None})
    PAGE.write_text(page(frame, facts), encoding="utf-8")


def run(jobs: int, checkpoint: str) -> None:
    """Run the study and write its data."""
    started = time.process_time()
    study = bm.coverage_study(
        designs(), types=TYPES, n_jobs=jobs, checkpoint=checkpoint, progress=True, **SETTINGS
    )
    if not study.complete:
        sys.exit("interrupted; the same command goes on")
    facts = {
        **SETTINGS,
        "factors": list(study.designs[0].factors),
        "versions": {"pybootmlm": bm.__version__},
        "processor_seconds": round(time.process_time() - started),
        "problems": study.problems,
    }
    FOLDER.mkdir(exist_ok=True)
    study.frame.to_csv(FOLDER / "coverage.csv", index=False, float_format="%.6g")
    # A few of the limits themselves, for those who run it again.
    np.savez_compressed(FOLDER / "sample.npz", limits=study.limits[:, :3])
    (FOLDER / "facts.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
