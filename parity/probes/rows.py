"""Quantities with a number for every row, named by the row's place in the data from 1."""

from typing import Any

from parity.values import Value


def by_row(fit: Any, numbers: Any) -> Value:
    """Name numbers of the kept rows as R names them."""
    return Value.of(numbers.to_numpy(), names=[str(int(i) + 1) for i in fit.design.kept])
