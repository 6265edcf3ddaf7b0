"""What a file of R's class ``boot`` holds, read by rdata: all but its functions."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from parity.data_files.library import library
from parity.errors import RObjectError

# The elements that are read: the others are functions and data, whose environments rdata does
# not make Python of.
_READ = ("t0", "t", "sim", "pybootmlm")


def boot_elements(path: Path) -> Mapping[str, Any] | None:
    """Elements of a boot object, as `boot_object.R` writes them; None if rdata cannot parse it.

    Raises
    ------
    RObjectError
        The file holds something else.
    """
    rdata = library("rdata", path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            tree = rdata.parser.parse_file(path, extension=".rds").object
        except (ValueError, NotImplementedError, AssertionError, KeyError, EOFError, IndexError):
            return None
        attributes = _attributes(rdata, tree)
        kinds = [str(kind) for kind in attributes.get("class", [])]
        if "boot" not in kinds:
            what = "/".join(kinds) or tree.info.type.name.lower()
            message = f"'{path}' holds R's {what}, not a bootstrap of class boot"
            raise RObjectError(message)
        names = [str(name) for name in attributes["names"]]
        found = {
            name: rdata.conversion.convert(element)
            for name, element in zip(names, tree.value, strict=True)
            if name in _READ
        }
        lacking = [name for name in ("t0", "t") if name not in found]
        if lacking:
            message = f"'{path}' holds a bootstrap without {' and '.join(lacking)}: nothing to read"
            raise RObjectError(message)
        call = tree.value[names.index("call")] if "call" in names else None
        return {
            **_numbers(found),
            "class": kinds,
            "type": _argument(rdata, call, "type"),
            "sim": [str(one) for one in found.get("sim", ())],
            "said": _fail_messages(attributes.get("boot.fail.msgs")),
            "pybootmlm": found.get("pybootmlm"),
        }


def _attributes(rdata: Any, tree: Any) -> dict[str, Any]:
    """Attributes by name; those that are no plain values are left out."""
    found = {}
    node = tree.attributes
    while node is not None and node.info.type is rdata.parser.RObjectType.LIST:
        tag = rdata.conversion.convert(node.tag)
        found[str(tag)] = rdata.conversion.convert(node.value[0])
        node = node.value[1]
    return found


def _argument(rdata: Any, call: Any, name: str) -> list[str]:
    """A text that a call gives to an argument."""
    kinds = rdata.parser.RObjectType
    node = call
    while node is not None and node.info.type in (kinds.LANG, kinds.LIST):
        tagged = node.tag is not None and rdata.conversion.convert(node.tag) == name
        if tagged and node.value[0].info.type is kinds.STR:
            return [str(text) for text in rdata.conversion.convert(node.value[0])]
        node = node.value[1]
    return []


def _numbers(found: Mapping[str, Any]) -> dict[str, Any]:
    t0, t = found["t0"], found["t"]
    names = _labels(t0, 0) or _labels(t, 1)
    values = np.asarray(t, dtype=np.float64)
    values = values[:, None] if values.ndim == 1 else values
    return {"t0": np.asarray(t0, dtype=np.float64).ravel(), "t": values, "names": names}


def _labels(array: Any, axis: int) -> list[str] | None:
    coordinates = getattr(array, "coords", None)
    if coordinates is None or len(array.dims) <= axis or array.dims[axis] not in coordinates:
        return None
    return [str(label) for label in coordinates[array.dims[axis]].to_numpy()]


def _fail_messages(table: Any) -> list[str]:
    return _labels(table, 0) or []
