"""An R session inside this process: load the reference functions, call them."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from parity.bridge.convert import ri, to_r
from parity.bridge.sources import SOURCES

callbacks: Any = import_module("rpy2.rinterface_lib.callbacks")
embedded: Any = import_module("rpy2.rinterface_lib.embedded")

# R's own settings, not the user's: a profile or a saved workspace must not change an answer.
_OPTIONS = ("rpy2", "--quiet", "--no-save", "--no-restore", "--no-init-file", "--no-site-file")


class RSession:
    """R with the functions of ``r_reference`` loaded and its settings fixed."""

    def __init__(self, folder: Path) -> None:
        # What R prints is nobody's answer, but its last words are worth telling if it dies.
        callbacks.consolewrite_print = _print
        callbacks.consolewrite_warnerror = _print
        callbacks.showmessage = _print
        # R must not ask a user, and what it would read is not meant for it.
        callbacks.consoleread = lambda _prompt: ""
        callbacks.choosefile = lambda _new: ""
        embedded.set_initoptions(_OPTIONS)
        ri.initr(interactive=False)
        source = ri.baseenv["source"]
        for name in SOURCES:
            source(ri.StrSexpVector([str(folder / f"{name}.R")]))
        self.call("reference_settings")

    def call(self, function: str, *arguments: Any) -> Any:
        """Call a function of ``r_reference`` by name and return R's value."""
        return ri.globalenv[function](*[to_r(argument) for argument in arguments])

    def text(self, function: str, *arguments: Any) -> str:
        """Call a function that returns one text."""
        return str(self.call(function, *arguments)[0])


def _print(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
