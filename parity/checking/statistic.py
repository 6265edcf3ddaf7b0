"""What a user asks for as statistics: names that both sides know, or a function and its twin."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from parity.errors import CaseError
from parity.probes.statistics import check_names, load_function, register

Asked = str | Callable[[Any], Any] | Sequence[str | Callable[[Any], Any]]


def read_statistics(
    asked: Asked | None, r_statistic: str | None
) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Tell names from a function of the user's, which needs the same function in R.

    Parameters
    ----------
    asked
        Names of statistics, ``"module:function"``, a function, or several of these.
    r_statistic
        R code of the user's function.

    Returns
    -------
    tuple of str
        The names.
    mapping
        The user's own statistic as inputs of a case; empty without one.

    Raises
    ------
    CaseError
        A name is not known, one of the two languages lacks the function, or there are two.

    Examples
    --------
    >>> read_statistics("icc", None)
    (('icc',), {})
    """
    one_alone = isinstance(asked, str) or callable(asked)
    given: Sequence[Any] = [asked] if one_alone else list(asked or ())  # type: ignore[arg-type]
    names: list[str] = []
    functions: list[str] = []
    for one in given:
        if not isinstance(one, str) and not callable(one):
            message = f"a statistic must be a name or a function of a fit; got {one!r}"
            raise CaseError(message)
        if not isinstance(one, str):
            functions.append(register(one))
        elif ":" in one:
            load_function(one)
            functions.append(one)
        else:
            names.append(one)
    check_names(names)
    return tuple(dict.fromkeys(names)), _own(functions, r_statistic)


def _own(functions: Sequence[str], r_statistic: str | None) -> Mapping[str, str]:
    if len(functions) > 1:
        message = (
            f"one statistic of your own can be compared at a time, but there are {len(functions)}: "
            f"{', '.join(functions)}; let one function return all numbers"
        )
        raise CaseError(message)
    if not functions and r_statistic is None:
        return {}
    if not functions:
        message = (
            "the R statistic has no twin in Python: give it as well (`--statistic "
            "module:function`, or a function in Python)"
        )
        raise CaseError(message)
    if r_statistic is None or not r_statistic.strip():
        message = (
            f"the statistic '{functions[0]}' has no twin in R: give the same as R code "
            "(`--r-statistic 'function(x) ...'`, where x is lme4's fit)"
        )
        raise CaseError(message)
    return {"python_statistic": functions[0], "r_statistic": r_statistic}
