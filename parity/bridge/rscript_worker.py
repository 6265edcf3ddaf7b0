"""The worker for an R behind a command: ``python -m parity.bridge.rscript_worker``."""

import os
import shlex
import sys

from parity.bridge.rscript import RscriptSession
from parity.bridge.worker import serve

if __name__ == "__main__":
    command = shlex.split(os.environ["PARITY_RSCRIPT"])
    sys.exit(serve(lambda folder: RscriptSession(folder, command)))
