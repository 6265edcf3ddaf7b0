"""Paths of files that a user names, and files written in one step."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pybootmlm.exceptions import ArgumentError


def file_path(path: object, argument: str = "path") -> Path:
    """Return the path of a file; a number would be taken for an open file.

    Raises
    ------
    ArgumentError
        `path` is no text and no path, or that of a folder.

    Examples
    --------
    >>> file_path("boot.npz").name
    'boot.npz'
    """
    if not isinstance(path, str | os.PathLike) or not isinstance(os.fspath(path), str):
        raise ArgumentError(
            f"`{argument}` must be the path of a file, text or a pathlib.Path; got {path!r}"
        )
    place = Path(path)
    if "\0" in str(place):
        raise ArgumentError(f"`{argument}` must be the path of a file; {str(path)!r} holds a NUL")
    if place.is_dir():
        raise ArgumentError(f"`{argument}` must be the path of a file; {str(path)!r} is a folder")
    return place


@contextmanager
def written_in_one_step(target: Path) -> Iterator[BinaryIO]:
    """Open a file beside `target` that takes its place when the context ends without an error.

    Whoever reads `target` finds the old content or the new one.

    Raises
    ------
    OSError
        The file system does not allow it.
    """
    # Beside the target, so that the move is one step; not by `tempfile`, whose files only their
    # owner may read.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
