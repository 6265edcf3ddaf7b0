"""Replicates in a file: arrays bit for bit and JSON beside them, in one NPZ, without pickle."""

import contextlib
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.exceptions import ArgumentError, DataError

Array = NDArray[np.float64]

FORMAT = "pybootmlm bootstrap"
VERSION = 1
METADATA = "metadata"
# What a damaged, cut off or foreign file makes NumPy, zipfile and json raise.
DAMAGE = (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, zlib.error, TypeError)


@dataclass(frozen=True)
class Stored:
    """What a file holds.

    Attributes
    ----------
    arrays : mapping of str to array
        Arrays of float64.
    metadata : mapping
        What JSON can say.
    """

    arrays: Mapping[str, Array]
    metadata: Mapping[str, Any]


def file_path(path: object) -> Path:
    """Return the path of a file; a number would be taken for an open file.

    Raises
    ------
    ArgumentError
        `path` is no text and no path, or that of a folder.
    """
    if not isinstance(path, str | os.PathLike) or not isinstance(os.fspath(path), str):
        raise ArgumentError(
            f"`path` must be the path of a file, text or a pathlib.Path; got {path!r}"
        )
    place = Path(path)
    if "\0" in str(place):
        raise ArgumentError(f"`path` must be the path of a file; {str(path)!r} holds a NUL")
    if place.is_dir():
        raise ArgumentError(f"`path` must be the path of a file; {str(path)!r} is a folder")
    return place


def write(path: str | os.PathLike[str], content: Stored) -> None:
    """Write a file in one step: whoever reads `path` finds the old content or the new one.

    Raises
    ------
    ArgumentError
        `path` is not the path of a file.
    OSError
        The file system does not allow it.
    """
    target = file_path(path)
    text = json.dumps({"format": FORMAT, "version": VERSION, **content.metadata})
    entries: dict[str, Any] = {
        name: np.asarray(array, dtype="<f8") for name, array in content.arrays.items()
    }
    entries[METADATA] = np.frombuffer(text.encode("utf-8"), dtype=np.uint8)
    # Beside the target, so that the move is one step; not by `tempfile`, whose files only their
    # owner may read.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    try:
        with open(temporary, "xb") as file:
            np.savez(file, **entries)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def read(path: str | os.PathLike[str]) -> Stored:
    """Read what `write` wrote.

    Raises
    ------
    ArgumentError
        `path` is not the path of a file.
    FileNotFoundError
        There is no such file.
    DataError
        The file is cut off, damaged, of a newer version, or something else.
    """
    with open(file_path(path), "rb") as file:
        try:
            content = np.load(file, allow_pickle=False)
            if not isinstance(content, np.lib.npyio.NpzFile):
                raise ValueError("a single array")
            arrays = {name: content[name] for name in content.files}
            metadata = json.loads(arrays.pop(METADATA).tobytes().decode("utf-8"))
            if metadata["format"] != FORMAT:
                raise ValueError(f"its format is {metadata['format']!r}")
            version = int(metadata["version"])
        except DAMAGE as error:
            raise DataError(
                f"{os.fspath(path)!r} is not a stored bootstrap, or is damaged "
                f"({type(error).__name__}: {error}). It should be a file written by "
                "`BootResult.save`; write it again."
            ) from error
    if version > VERSION:
        raise DataError(
            f"{os.fspath(path)!r} is of version {version} of the format and this pybootmlm reads "
            f"version {VERSION}: install the pybootmlm that wrote it, or a newer one."
        )
    return Stored(arrays, metadata)
