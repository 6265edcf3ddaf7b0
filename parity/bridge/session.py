"""An R session inside this process: load the reference functions, call them."""

from importlib import import_module
from pathlib import Path
from typing import Any

from parity.bridge.convert import ri, to_r
from parity.bridge.sources import SOURCES

callbacks: Any = import_module("rpy2.rinterface_lib.callbacks")


class RSession:
    """R with the functions of ``r_reference`` loaded and its settings fixed."""

    def __init__(self, folder: Path) -> None:
        # What R prints is nobody's answer; the answer is a returned value.
        callbacks.consolewrite_print = lambda _text: None
        callbacks.consolewrite_warnerror = lambda _text: None
        ri.initr()
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
