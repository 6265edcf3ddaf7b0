"""NIST's one-way ANOVA sets: the data, and the sums of squares that NIST certifies."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import pandas as pd

from parity.paths import parity_folder

PREFIX = "NIST/"


@dataclass(frozen=True)
class AnovaTable:
    """Sums of squares of a balanced one-way layout, as exact fractions.

    Attributes
    ----------
    between, within
        Sums of squares.
    treatments, replicates
        Number of groups, and of observations in each.
    source
        Where the sums come from.
    """

    between: Fraction
    within: Fraction
    treatments: int
    replicates: int
    source: str


@cache
def _sets() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((parity_folder() / "tables" / "nist.toml").read_text("utf-8"))


def is_nist(name: str) -> bool:
    """Say whether a model's data are one of these sets, such as ``NIST/SmLs01``."""
    return name.startswith(PREFIX) and name.removeprefix(PREFIX) in _sets()


def nist_names() -> tuple[str, ...]:
    """Names of all sets, as models give them."""
    return tuple(PREFIX + name for name in _sets())


def nist_frame(name: str) -> pd.DataFrame:
    """Return a set as a frame with the columns ``treatment`` and ``response``.

    Examples
    --------
    >>> nist_frame("NIST/SmLs07")["response"].head(3).tolist()
    [1000000000000.4, 1000000000000.3, 1000000000000.5]
    """
    table = _sets()[name.removeprefix(PREFIX)]
    groups, each = table["treatments"], table["replicates"]
    texts = table.get("responses") or _generated(groups, each, table["leading"])
    labels = [str(group + 1) for group in range(groups) for _ in range(each)]
    return pd.DataFrame(
        {
            "treatment": pd.Categorical(labels, [str(group + 1) for group in range(groups)]),
            "response": [float(text) for text in texts],
        }
    )


def certified(name: str) -> AnovaTable:
    """Return the sums of squares that NIST certifies to 15 digits."""
    table = _sets()[name.removeprefix(PREFIX)]
    return AnovaTable(
        Fraction(table["between_ss"]),
        Fraction(table["within_ss"]),
        table["treatments"],
        table["replicates"],
        table["source"],
    )


def exact(name: str) -> AnovaTable:
    """Return the sums of squares of the numbers as a double holds them, without rounding.

    A double holds 1000000000000.4 with four decimals only. What arithmetic loses is the
    difference to this table; what the data lost before is the difference of this table to
    the certified one.
    """
    frame, table = nist_frame(name), certified(name)
    response = frame["response"].to_numpy()
    # Doubles are multiples of a power of two: sum integers, which nothing rounds.
    unit = max(Fraction(float(x)).denominator for x in set(response.tolist()))
    whole = [int(Fraction(float(x)) * unit) for x in response]
    n = table.replicates
    bounds = pairwise(range(0, len(whole) + 1, n))
    sums = [sum(whole[start:end]) for start, end in bounds]
    groups = Fraction(sum(s * s for s in sums), n)
    everything = Fraction(sum(sums) ** 2, len(whole))
    squares = sum(x * x for x in whole)
    return AnovaTable(
        (groups - everything) / unit**2,
        (squares - groups) / unit**2,
        table.treatments,
        n,
        "exact rational arithmetic on the stored doubles",
    )


def _generated(groups: int, each: int, leading: int) -> list[str]:
    """Write the responses of Simon and Lesage's sets, by their rule, as NIST prints them.

    Treatment means are .4, .3, .5, .3, .5, ...; within each, one observation stands at the
    mean and the others by turns a tenth below and above it.
    """
    texts = []
    for group in range(groups):
        mean = 4 if group == 0 else 3 if group % 2 else 5
        tenths = [mean] + [mean - 1, mean + 1] * ((each - 1) // 2)
        texts += [f"{leading}.{tenth}" for tenth in tenths]
    return texts
