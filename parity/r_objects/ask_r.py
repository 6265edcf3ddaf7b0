"""R asked what an object is: one in a file, or one of a session of the caller's own."""

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from parity.bridge import RProcess
from parity.errors import RObjectError, WorkerError


def description_of(
    source: "str | PathLike[str] | Any", kind: str, r: RProcess | None = None
) -> Mapping[str, Any]:
    """Have R describe an object, by ``<kind>_file`` or ``<kind>_json`` of `r_reference`.

    Raises
    ------
    RObjectError
        There is no such file, it is no RDS, or `source` is neither a path nor R's.
    RUnavailableError
        There is no R.
    """
    if not isinstance(source, str | PathLike):
        return _of_session(source, kind)
    path = Path(source)
    if not path.is_file():
        message = f"'{path}' is {'a folder' if path.is_dir() else 'not there'}: an RDS file is read"
        raise RObjectError(message)
    process = RProcess() if r is None else r
    try:
        document = process.ask(
            {"verb": "r_object", "function": f"{kind}_file", "path": str(path.resolve())}
        )
    except WorkerError as error:
        message = f"'{path}' cannot be read by R: {error}"
        raise RObjectError(message) from error
    finally:
        if r is None:
            process.close()
    return document


def _of_session(thing: object, kind: str) -> Mapping[str, Any]:
    if not type(thing).__module__.startswith("rpy2."):
        message = (
            "an RDS file's path or an object of rpy2 was expected; got "
            f"{type(thing).__module__}.{type(thing).__name__}"
        )
        raise RObjectError(message)
    # rpy2 is here, since the object is; only the bridge knows it.
    from parity.bridge.callers_session import text_of

    document: Mapping[str, Any] = json.loads(text_of(thing, f"{kind}_json"), parse_int=float)
    return document
