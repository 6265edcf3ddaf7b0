"""The machine and the settings that can change a number."""

import locale
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from parity.validation.one_thread import THREADS

_VARIABLES = (
    *THREADS, "PYTHONHASHSEED", "PYTHONPATH", "LC_ALL", "LANG", "TZ", "R_HOME", "R_LIBS",
    "R_LIBS_USER",
)  # fmt: skip


def machine() -> Mapping[str, str]:
    """Return what can be known of hardware, operating system, interpreter and locale."""
    found = {
        "host": platform.node() or "unknown",
        "CPU": _cpu(),
        "cores": str(os.cpu_count() or "unknown"),
        "operating system": platform.platform(),
        "C library": " ".join(platform.libc_ver()) or "unknown",
        "Python": f"{platform.python_implementation()} {sys.version.split()[0]}",
        "compiler of Python": platform.python_compiler(),
        "locale": ".".join(part or "C" for part in locale.getlocale()),
        "encoding": f"{sys.getfilesystemencoding()}; UTF-8 mode {sys.flags.utf8_mode}",
        "doubles": f"{sys.float_info.mant_dig} bits, smallest step {sys.float_info.epsilon:.3g}",
    }
    for name in _VARIABLES:
        found[name] = os.environ.get(name, "not set")
    return found


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "unknown"
