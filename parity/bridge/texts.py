"""Texts that R cannot hold: found before they are sent, because R would cut or refuse them."""

from collections.abc import Mapping
from typing import Any


def unsendable(value: Any) -> str | None:
    r"""Say what is wrong with the first text in a JSON-like value that R cannot hold.

    Examples
    --------
    >>> unsendable({"levels": ["a", "b"]})
    >>> unsendable({"levels": ["a", "b" + chr(0)]})
    "'b\\x00' holds a NUL character, which ends a text in R"
    """
    if isinstance(value, str):
        return _fault(value)
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple)):
        for item in value:
            if isinstance(item, (str, Mapping, list, tuple)) and (fault := unsendable(item)):
                return fault
    return None


def _fault(text: str) -> str | None:
    shown = repr(text if len(text) <= 40 else text[:40] + "...")
    if "\0" in text:
        return f"{shown} holds a NUL character, which ends a text in R"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return f"{shown} holds half of a surrogate pair, which is no character"
    return None
