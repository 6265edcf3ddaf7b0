"""What a process said last, however much it says."""

import contextlib
import threading
from typing import IO

_KEPT = 4000
_SHOWN = 400


class Tail:
    """Reads a stream to its end in a thread and keeps its last bytes.

    A pipe that nobody reads would stop the process that writes to it, and a file would
    let a chatty one fill the disk.
    """

    def __init__(self, stream: IO[bytes] | None) -> None:
        self._kept = b""
        self._reader: threading.Thread | None = None
        if stream is not None:
            self._reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
            self._reader.start()

    def text(self) -> str:
        """Return the end of it, on one line; of a process that has ended."""
        if self._reader is not None:
            self._reader.join(timeout=1.0)
        lines = self._kept.decode("utf-8", errors="replace").strip()[-_SHOWN:].splitlines()
        return " | ".join(line.strip() for line in lines if line.strip())

    def _read(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(ValueError, OSError), stream:
            while piece := stream.read1(8192):  # type: ignore[attr-defined]
                self._kept = (self._kept + piece)[-_KEPT:]
