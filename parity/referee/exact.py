"""Sums of products of doubles without any rounding: doubles as integers times a power of two."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import mul

# A double's last place, relative to the double: what storing a number may have changed.
HALF_UNIT = 53


@dataclass(frozen=True)
class Exact:
    """Numbers ``integers * 2**-shift``.

    Examples
    --------
    >>> Exact.of([0.5, 3.0])
    Exact(integers=(1, 6), shift=1)
    """

    integers: tuple[int, ...]
    shift: int

    @classmethod
    def of(cls, numbers: Iterable[float], moves: Sequence[int] | None = None) -> "Exact":
        """Write doubles as they are, or each moved by so many halves of its last place."""
        ratios = [float(x).as_integer_ratio() for x in numbers]
        widest = max((den for _, den in ratios), default=1)
        integers = [num * (widest // den) for num, den in ratios]
        shift = widest.bit_length() - 1
        if moves is not None:
            one = 1 << HALF_UNIT
            integers = [x * (one + move) for x, move in zip(integers, moves, strict=True)]
            shift += HALF_UNIT
        return cls(tuple(integers), shift)

    def minus(self, other: "Exact") -> "Exact":
        """Subtract, element by element."""
        shift = max(self.shift, other.shift)
        mine, theirs = shift - self.shift, shift - other.shift
        pairs = zip(self.integers, other.integers, strict=True)
        return Exact(tuple((a << mine) - (b << theirs) for a, b in pairs), shift)

    def times(self, other: "Exact") -> "Exact":
        """Multiply, element by element."""
        products = map(mul, self.integers, other.integers)
        return Exact(tuple(products), self.shift + other.shift)

    def at(self, places: Sequence[int]) -> "Exact":
        """Return some of the numbers."""
        return Exact(tuple(self.integers[i] for i in places), self.shift)

    def dot(self, other: "Exact") -> tuple[int, int]:
        """Return the sum of products, an integer and its shift."""
        return sum(map(mul, self.integers, other.integers)), self.shift + other.shift
