"""Replicates in a file: arrays bit for bit and JSON beside them, in one NPZ, without pickle."""

import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.exceptions import DataError
from pybootmlm.execution.files import file_path, written_in_one_step

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
    with written_in_one_step(target) as file:
        np.savez(file, **entries)


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
