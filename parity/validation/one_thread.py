"""BLAS held to one thread: with several it adds in another order, and last bits change.

The number of threads is read when BLAS is loaded, so it is fixed by starting again.
"""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence

from parity.paths import parity_folder

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_START = """
import sys
root = sys.argv.pop(1)
if root:
    sys.path.insert(0, root)
from parity.cli import main
sys.exit(main(sys.argv[1:]))
"""


def is_held() -> bool:
    """Whether this process was started with one thread of BLAS."""
    return all(os.environ.get(name) == "1" for name in THREADS)


def start_again(arguments: Sequence[str]) -> int:
    """Run the command ``parity`` once more, by the same package, with one thread of BLAS."""
    root = str(parity_folder().parent)
    # A checkout that Python found because it stands there, and would not find from elsewhere.
    beside = "" if root == sysconfig.get_path("purelib") else root
    command = [sys.executable, "-P", "-c", _START, beside, *arguments]
    environment = {**os.environ, **dict.fromkeys(THREADS, "1")}
    if os.name == "posix":
        sys.stdout.flush()
        os.execve(sys.executable, command, environment)  # one process, which signals reach
    return subprocess.run(command, env=environment, check=False).returncode
