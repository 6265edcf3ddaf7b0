"""A run in a file: what it is, and what of it is finished."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, BinaryIO, Self

from numpy.typing import NDArray

from pybootmlm.exceptions import ArgumentError, DataError
from pybootmlm.execution.files import file_path, written_in_one_step
from pybootmlm.execution.records import MAGIC, decoded, encoded, framed, whole_records

if sys.platform != "win32":  # there, nothing keeps two runs apart
    import fcntl

Arrays = Mapping[str, NDArray[Any]]


class Checkpoint:
    """The file of one run: a header that says which run it is, then records that are appended.

    Parameters
    ----------
    path : path
        The file. It is made if it does not exist.
    identity : mapping of str to str
        What the run's numbers depend on, in words that a message can quote.
    adopted : sequence of str
        Parts of the identity that the file may say instead: a seed that was not given.

    Attributes
    ----------
    identity : dict
        What the file says.
    finished : list of bytes
        Records that are there.

    Raises
    ------
    ArgumentError
        `path` is not the path of a file, holds another run, or is in use by one.
    DataError
        The file is something else, or damaged.
    """

    def __init__(
        self, path: object, identity: Mapping[str, str], adopted: tuple[str, ...] = ()
    ) -> None:
        self.path = file_path(path, "checkpoint")
        if not self.path.parent.is_dir():
            raise ArgumentError(
                f"`checkpoint` must be in a folder that exists; {str(self.path.parent)!r} does not."
            )
        if not self.path.exists():
            with written_in_one_step(self.path) as fresh:
                fresh.write(MAGIC + framed(json.dumps(dict(identity)).encode("utf-8")))
        self._file: BinaryIO = open(self.path, "r+b")  # noqa: SIM115 - closed by `close`
        try:
            self._lock()
            records, end = whole_records(self._file, str(self.path))
            if not records:
                raise DataError(
                    f"{str(self.path)!r} ends before it says which run it holds. Delete it and "
                    "start again."
                )
            self.identity: dict[str, str] = json.loads(records[0])
            self._compare(identity, adopted)
            self.finished = records[1:]
            # What was half written goes; the next record takes its place.
            self._file.truncate(end)
            self._file.seek(end)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let other runs use the file."""
        self._file.close()

    def records(self) -> Iterator[tuple[dict[str, NDArray[Any]], dict[str, Any]]]:
        """Arrays and facts of every record that was there."""
        return map(decoded, self.finished)

    def append(self, arrays: Arrays, facts: Mapping[str, Any]) -> None:
        """Add a record; when this returns, a kill or a loss of power cannot take it away."""
        self._file.write(framed(encoded(arrays, facts)))
        self._file.flush()
        os.fsync(self._file.fileno())

    def _lock(self) -> None:
        if sys.platform != "win32":
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not os.path.samestat(os.fstat(self._file.fileno()), os.stat(self.path)):
                    raise OSError("another run has just made it anew")
            except OSError as error:
                raise ArgumentError(
                    f"`checkpoint` {str(self.path)!r} is in use by another run. Wait for its end, "
                    "or name another file."
                ) from error

    def _compare(self, identity: Mapping[str, str], adopted: tuple[str, ...]) -> None:
        """Refuse a file of another run, and say what differs."""
        theirs = self.identity
        names = [name for name in {**theirs, **identity} if name not in adopted]
        other = [name for name in names if theirs.get(name) != identity.get(name)]
        if other:
            said = "; ".join(
                f"{name}: {theirs.get(name, 'nothing')} there, {identity.get(name, 'nothing')} here"
                for name in other
            )
            raise ArgumentError(
                f"`checkpoint` {str(self.path)!r} holds another run ({said}). Give that run's "
                "arguments to go on with it, or name another file."
            )
