"""An R session that the caller runs in this process: asked, and left as it was."""

from typing import Any

from parity.bridge.convert import ri
from parity.errors import RObjectError
from parity.paths import r_reference_folder

_FILES = ("encode", "mermod", "boot_object")


def text_of(thing: Any, function: str) -> str:
    """Call a function of ``r_reference``, which returns one text, with an object of the caller's.

    The functions live in an environment of their own, which nothing of the session sees.

    Raises
    ------
    RObjectError
        R stopped.
    """
    home = ri.baseenv["new.env"](parent=ri.globalenv)
    try:
        for name in _FILES:
            path = ri.StrSexpVector([str(r_reference_folder() / f"{name}.R")])
            ri.baseenv["sys.source"](path, home)
        return str(home[function](thing)[0])
    except ri.embedded.RRuntimeError as error:
        message = f"the R object cannot be read: R says: {' '.join(str(error).split())}"
        raise RObjectError(message) from error
