"""A live R for the random-number tests: one script in, arrays of doubles out, no digit lost."""

import shutil
import subprocess
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

Arrays = list[NDArray[np.float64]]
RunR = Callable[[str], Arrays]

# Integers and doubles both pass through binary doubles, exact for every value up to 2^53.
PREAMBLE = """
out <- file(commandArgs(TRUE)[1], "wb")
emit <- function(x) {
  writeBin(as.double(length(x)), out)
  writeBin(as.double(x), out)
}
"""


@pytest.fixture(scope="session")
def run_r(tmp_path_factory: pytest.TempPathFactory) -> RunR:
    """Return a function that runs R code and returns what the code passed to ``emit(x)``."""
    rscript = shutil.which("Rscript")
    assert rscript is not None, "tests that use this carry the marker `live_r`"
    folder = tmp_path_factory.mktemp("r")

    def run(code: str) -> Arrays:
        script, result = folder / "script.R", folder / "result.bin"
        script.write_text(f"{PREAMBLE}\n{code}\nclose(out)\n", encoding="utf-8")
        command = [rscript, "--vanilla", str(script), str(result)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return _split(np.fromfile(result))

    return run


def _split(values: NDArray[np.float64]) -> Arrays:
    arrays = []
    while values.size:
        length = int(values[0])
        arrays.append(values[1 : length + 1])
        values = values[length + 1 :]
    return arrays
