"""The worker for an R behind a command: ``python -m parity.bridge.rscript_worker``."""

import os
import shlex
import sys
from pathlib import Path

from parity.bridge.rscript import RscriptSession
from parity.bridge.worker import serve


def _session(folder: Path) -> RscriptSession:
    command = shlex.split(os.environ["PARITY_RSCRIPT"])
    if not command:
        message = "it is empty"
        raise ValueError(message)
    return RscriptSession(folder, command)


if __name__ == "__main__":
    sys.exit(serve(_session))
