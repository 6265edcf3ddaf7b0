"""Covariance structures of random terms: ``cs(1 + x | g)``, ``ar1(0 + f | g, hom = FALSE)``."""

import re
from dataclasses import dataclass

from pybootmlm.formula.marks import formula_error


@dataclass(frozen=True, slots=True)
class Structure:
    """
    How the effects of a random term covary.

    Attributes
    ----------
    name : str
        ``"us"``, ``"diag"``, ``"cs"`` or ``"ar1"``.
    homogeneous : bool
        Whether all effects have one standard deviation.
    """

    name: str = "us"
    homogeneous: bool = False

    def around(self, bar: str) -> str:
        """
        Write the term whose bar is `bar`, with the option where it is not the default.

        Examples
        --------
        >>> UNSTRUCTURED.around("1 | g"), Structure("diag", True).around("x | g")
        ('(1 | g)', 'diag(x | g, hom = TRUE)')
        """
        if self.name == "us":
            return f"({bar})"
        default = self.homogeneous == HOMOGENEOUS[self.name]
        option = "" if default else f", hom = {'TRUE' if self.homogeneous else 'FALSE'}"
        return f"{self.name}({bar}{option})"


UNSTRUCTURED = Structure()
#: The structures, and whether they are homogeneous unless told otherwise, as in lme4 2.
HOMOGENEOUS = {"us": False, "diag": False, "cs": False, "ar1": True}
_CALL = re.compile(r"`[^`]*`|(?<![\w.])(us|diag|cs|ar1) ?\(")
_OPTION = re.compile(r"^ ?(hom|het) ?= ?(TRUE|FALSE|T|F|True|False) ?$")


def cut_structures(text: str) -> tuple[str, dict[int, Structure]]:
    """
    Blank out the structures, so that plain random terms are left, and say where they stood.

    Returns
    -------
    text : str
        Of the same length: all positions keep their meaning.
    structures : dict of int to Structure
        By the position of the parenthesis that opens the term.

    Examples
    --------
    >>> cut_structures("y ~ cs(1 + x | g, hom = TRUE)")
    ('y ~   (1 + x | g            )', {6: Structure(name='cs', homogeneous=True)})
    >>> cut_structures("y ~ cs(x) + (1 | g)")  # no random term: a call like any other
    ('y ~ cs(x) + (1 | g)', {})
    """
    out, found = text, {}
    for match in _CALL.finditer(text):
        if match[1] is None:
            continue
        opened = match.end() - 1
        bars, commas, close = _inside(text, opened)
        if close is None or not bars:
            continue
        if text[bars[0] : bars[0] + 2] == "||":
            raise formula_error(
                text,
                match.start(),
                close + 1,
                "`||` cuts a term into several, which have no common structure: write `|`, and "
                "`diag(x | g)` for effects that do not correlate",
            )
        end = commas[0] if commas else close
        option = text[end + 1 : close] if commas else None
        found[opened] = Structure(match[1], _homogeneous(text, match[1], option, end, close))
        for start, stop in ((match.start(), opened), (end, close)):
            out = out[:start] + " " * (stop - start) + out[stop:]
    return out, found


def _inside(text: str, opened: int) -> tuple[list[int], list[int], int | None]:
    """Where bars and commas stand directly inside a parenthesis, and where it is closed."""
    bars: list[int] = []
    commas: list[int] = []
    depth, quoted = 0, False
    for at in range(opened, len(text)):
        char = text[at]
        if char == "`":
            quoted = not quoted
        if quoted:
            continue
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return bars, commas, at
        if depth == 1 and char == "|":
            bars.append(at)
        elif depth == 1 and char == "," and bars:
            commas.append(at)
    return bars, commas, None


def _homogeneous(text: str, name: str, option: str | None, start: int, close: int) -> bool:
    if option is None:
        return HOMOGENEOUS[name]
    match = _OPTION.match(option)
    if match is None or name == "us":
        wanted = (
            "`us()` has no options"
            if name == "us"
            else f"the option of `{name}()` is `hom = TRUE` (one standard deviation for all "
            "effects) or `hom = FALSE`"
        )
        raise formula_error(text, start, close, wanted)
    return (match[2][0] == "T") == (match[1] == "hom")
