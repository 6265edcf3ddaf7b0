"""Record what lme4's optimisers reach on every design:  python tests/awkward/record.py."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from awkward_designs import write
from awkward_table import BY_FILE

HERE = Path(__file__).parent
RECORD = HERE / "all_fit.json"


def run_r(names: Iterable[str], target: Path, *options: str) -> None:
    """Write the designs `names` where R reads them, and let it optimise."""
    with TemporaryDirectory() as folder:
        write({name: BY_FILE[name] for name in names}, Path(folder))
        command = ["Rscript", "--vanilla", str(HERE / "all_fit.R"), folder, str(target), *options]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        subprocess.run(command, check=True, capture_output=True, timeout=900, env=environment)


if __name__ == "__main__":
    run_r(sys.argv[1:] or BY_FILE, RECORD)
