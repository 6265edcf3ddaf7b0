"""R's packages, file by file: nobody recorded their hashes, so they are kept for the next time."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parity.bridge import RProcess
from parity.errors import OracleError


@dataclass(frozen=True)
class RPackage:
    """One installed R package.

    Attributes
    ----------
    files
        md5 of every file, by its path in the package.
    """

    name: str
    version: str
    built: str
    files: Mapping[str, str]

    @property
    def digest(self) -> str:
        """One sha256 over all files."""
        text = "".join(f"{path}\0{md5}\n" for path, md5 in sorted(self.files.items()))
        return hashlib.sha256(text.encode()).hexdigest()


def r_packages(rscript: str | None, timeout: float) -> tuple[RPackage, ...]:
    """Ask R for the packages that answers rest on; raise an `OracleError` where it cannot."""
    process = RProcess(timeout, command=rscript)
    try:
        answer: Mapping[str, Any] = process.ask({"verb": "installation"})
    finally:
        process.close()
    if answer["status"] != "ok":
        message = f"R does not say what is installed: {answer['error']}"
        raise OracleError(message)
    return tuple(
        RPackage(
            name,
            entry["version"],
            entry["built"],
            dict(zip(entry["files"], entry["md5"], strict=True)),
        )
        for name, entry in answer["packages"].items()
    )
