"""An R script as a text: read, or refused with the place that cannot be read."""

import codecs
from pathlib import Path

from parity.errors import RSyntaxError, TranslationError


def read_script(path: Path, encoding: str = "utf-8") -> str:
    """Read a script.

    Raises
    ------
    RSyntaxError
        A byte has no meaning in the encoding; the message names line and column.
    TranslationError
        There is no such file, or no such encoding.
    """
    try:
        codecs.lookup(encoding)
    except LookupError:
        message = f"there is no encoding '{encoding}'; try utf-8, latin-1 or cp1252"
        raise TranslationError(message) from None
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"the script '{path}' cannot be read: {error.strerror}"
        raise TranslationError(message) from error
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        reason = (
            f"byte 0x{content[error.start]:02x} is not {encoding}; say what the script is written "
            "in, such as --encoding latin-1"
        )
        raise RSyntaxError(reason, line, column) from error
    if "\0" in text:
        at = text.index("\0")
        line = text.count("\n", 0, at) + 1
        raise RSyntaxError("a zero byte: this is no text", line, at - text.rfind("\n", 0, at))
    return text
