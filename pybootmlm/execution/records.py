"""Records in a file that only grows: each is there whole, or it is not there.

A file is a line that names the format, then records. A record is the length of its content (8
bytes), a check of that length (4 bytes: CRC-32), the SHA-256 of the content, and the content. What
a kill or a loss of power leaves half written stands at the end of the file, where it is told apart
from damage: a record cut short, zeros that a file system puts where it had no time to write, or
a last record that is not what its SHA-256 says.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pybootmlm.exceptions import DataError

MAGIC = b"pybootmlm checkpoint 1\n"
HEAD = struct.Struct("<QI32s")
_LENGTH = struct.Struct("<Q")


def framed(content: bytes) -> bytes:
    """A record of `content`."""
    length = len(content)
    check = zlib.crc32(_LENGTH.pack(length))
    return HEAD.pack(length, check, hashlib.sha256(content).digest()) + content


def whole_records(file: BinaryIO, where: str) -> tuple[list[bytes], int]:
    """The contents of the whole records of a file, and where they end.

    Raises
    ------
    DataError
        The file is something else, or damaged before its end.
    """
    content = file.read()
    if not content.startswith(MAGIC):
        raise DataError(
            f"{where!r} is not a checkpoint of this version of the format. Name a file of its own, "
            "or one that does not exist."
        )
    records: list[bytes] = []
    at, zeros = len(MAGIC), len(content.rstrip(b"\0"))  # from there on there is nothing else
    while len(content) - at >= HEAD.size and at < zeros:
        length, check, digest = HEAD.unpack_from(content, at)
        if check != zlib.crc32(_LENGTH.pack(length)):
            raise _damaged(where, at, len(records))
        start, stop = at + HEAD.size, at + HEAD.size + length
        if stop > len(content):
            break
        if hashlib.sha256(content[start:stop]).digest() != digest:
            if stop < zeros:
                raise _damaged(where, at, len(records))
            break
        records.append(content[start:stop])
        at = stop
    return records, at


def _damaged(where: str, at: int, whole: int) -> DataError:
    return DataError(
        f"{where!r} is damaged at byte {at}, after {whole} whole records, and not merely cut short "
        "by the end of a run. Restore it from a copy, or delete it and start again."
    )


def encoded(arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> bytes:
    """Arrays, bit for bit, and what JSON can say, without pickle."""
    file = BytesIO()
    text = np.frombuffer(json.dumps(facts).encode("utf-8"), dtype=np.uint8)
    np.savez(file, allow_pickle=False, facts=text, **arrays)
    return file.getvalue()


def decoded(content: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """What `encoded` was given.

    Examples
    --------
    >>> decoded(encoded({"t": np.ones(2)}, {"failures": 0}))
    ({'t': array([1., 1.])}, {'failures': 0})
    """
    with np.load(BytesIO(content), allow_pickle=False) as found:
        arrays = {name: found[name] for name in found.files}
    facts: dict[str, Any] = json.loads(arrays.pop("facts").tobytes().decode("utf-8"))
    return arrays, facts
