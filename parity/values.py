"""A labelled array of numbers: the one shape in which R and Python answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Names = tuple[str, ...] | None

_SPECIAL = {"NA": np.nan, "NaN": np.nan, "Inf": np.inf, "-Inf": -np.inf}
_THIN_ROWS = 20
_THIN_ABOVE = 40


@dataclass(frozen=True)
class Value:
    """Numbers with the names of their rows and columns.

    Attributes
    ----------
    numbers
        A vector ``(n,)`` or a matrix ``(n, k)``.
    names
        For each dimension its labels, or None where it has none.
    missing
        Whether a number is R's NA (which is not its NaN); same shape.
    """

    numbers: NDArray[np.float64]
    names: tuple[Names, ...]
    missing: NDArray[np.bool_]

    @classmethod
    def of(cls, source: object, names: Sequence[str] | None = None) -> Value:
        """Build from a number, sequence, array, Series or DataFrame.

        Examples
        --------
        >>> Value.of(pd.Series([1.0, 2.0], index=["a", "b"])).names
        (('a', 'b'),)
        """
        if isinstance(source, Value):
            return source
        labels: list[Names] = []
        if isinstance(source, pd.DataFrame):
            labels = [_labels(source.index), _labels(source.columns)]
        elif isinstance(source, pd.Series):
            labels = [_labels(source.index)]
        elif isinstance(source, Mapping):
            labels = [tuple(str(key) for key in source)]
            source = list(source.values())
        numbers = np.atleast_1d(np.asarray(source, dtype=np.float64))
        if names is not None:
            labels = [tuple(names), *labels[1:]]
        labels += [None] * (numbers.ndim - len(labels))
        return cls(numbers, tuple(labels), np.zeros(numbers.shape, dtype=np.bool_))

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Value:
        """Read what ``encode.R`` writes: dim, names, and numbers down the columns."""
        shape = tuple(int(size) for size in document["dim"])
        data = document["data"]
        numbers = np.array([_SPECIAL.get(x, x) if isinstance(x, str) else x for x in data], float)
        missing = np.array([x == "NA" for x in data], bool)
        names = tuple(None if labels is None else tuple(labels) for labels in document["names"])
        return cls(numbers.reshape(shape, order="F"), names, missing.reshape(shape, order="F"))

    def to_json(self) -> dict[str, Any]:
        """Write the same form that `from_json` reads, without losing a bit."""
        return {
            "dim": list(self.numbers.shape),
            "names": [None if labels is None else list(labels) for labels in self.names],
            "data": [
                _number(x, bool(na))
                for x, na in zip(
                    self.numbers.ravel(order="F"), self.missing.ravel(order="F"), strict=True
                )
            ],
        }

    @property
    def rows(self) -> Names:
        """Labels of the first dimension."""
        return self.names[0]

    @property
    def columns(self) -> Names:
        """Labels of the second dimension, None for a vector."""
        return self.names[1] if len(self.names) > 1 else None

    def renamed_columns(self, labels: Sequence[str]) -> Value:
        """Return the same numbers under other column labels."""
        return Value(self.numbers, (self.names[0], tuple(labels)), self.missing)

    def thinned(self, rows: Sequence[int] | None = None) -> Value:
        """Keep evenly spaced rows and, in two more, each column's mean and mean square.

        A recorded reference of thousands of rows would be megabytes. A wrong row that is
        not kept moves the two summaries.

        Examples
        --------
        >>> Value.of(np.arange(1000.0)).thinned().rows[-2:]
        ('(mean)', '(root mean square)')
        """
        n = self.numbers.shape[0]
        keep = np.linspace(0, n - 1, _THIN_ROWS).astype(int) if rows is None else np.asarray(rows)
        summaries = [self.numbers.mean(axis=0), np.sqrt((self.numbers**2).mean(axis=0))]
        names = self.rows or tuple(str(i + 1) for i in range(n))
        return Value(
            np.concatenate([self.numbers[keep], np.stack(summaries)]),
            ((*(names[i] for i in keep), "(mean)", "(root mean square)"), *self.names[1:]),
            np.concatenate([self.missing[keep], np.zeros_like(self.missing[:2])]),
        )

    @property
    def is_long(self) -> bool:
        """Whether a recorded reference holds this value thinned."""
        return len(self.numbers) > _THIN_ABOVE


def _labels(index: pd.Index) -> Names:
    if isinstance(index, pd.RangeIndex):
        return None
    return tuple(str(label) for label in index)


def _number(x: float, missing: bool) -> float | str:
    if missing:
        return "NA"
    if np.isnan(x):
        return "NaN"
    if np.isinf(x):
        return "Inf" if x > 0 else "-Inf"
    return float(x)
