"""Indices and elements drawn from a stream: R's ``sample`` and ``sample.int``."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pybootmlm.exceptions import ArgumentError
from pybootmlm.rng.arguments import count, population
from pybootmlm.rng.index import Indices
from pybootmlm.rng.plan import draw_plan
from pybootmlm.rng.sampling import sample_indices
from pybootmlm.rng.stream_state import StreamState


class IndexDraws(StreamState):
    """What draws indices."""

    __slots__ = ()

    def sample_int(
        self,
        n: int,
        size: int | None = None,
        replace: bool = False,
        prob: ArrayLike | None = None,
    ) -> Indices:
        """Return what R's ``sample.int`` returns, numbers from 1 to `n`.

        Parameters
        ----------
        n
            How many entries to draw from, up to 4.5e15.
        size
            How many to draw; all `n` (a permutation) if not given.
        replace
            Whether an entry can come more than once.
        prob
            Weights of the entries, shape ``(n,)``; they need not sum to one.

        Returns
        -------
        Shape ``(size,)``.

        Examples
        --------
        >>> import pybootmlm as bm
        >>> bm.RStream(85957).sample_int(160, 6, replace=True).tolist()
        [36, 98, 126, 139, 131, 143]
        >>> bm.RStream(85957).sample_int(4, 6, replace=True, prob=[1, 2, 3, 4]).tolist()
        [3, 2, 4, 3, 4, 2]
        """
        return self.sample_index(n, size, replace, prob) + 1

    def sample_index(
        self,
        n: int,
        size: int | None = None,
        replace: bool = False,
        prob: ArrayLike | None = None,
    ) -> Indices:
        """Return `sample_int`'s draws counted from 0, ready to index an array.

        Examples
        --------
        >>> import pybootmlm as bm
        >>> bm.RStream(85957).sample_index(10).tolist()
        [3, 2, 9, 1, 5, 8, 4, 7, 0, 6]
        """
        return sample_indices(
            self._source, n, size, replace=replace, prob=prob, rounding=self._rounding
        )

    def sample(
        self,
        x: ArrayLike,
        size: int | None = None,
        replace: bool = False,
        prob: ArrayLike | None = None,
    ) -> NDArray[Any]:
        """Return elements of the vector `x` as R's ``sample``; all of them, shuffled, by default.

        A single number is refused: R takes it for ``1:x``, which is what `sample_int` is for.

        Examples
        --------
        >>> import pybootmlm as bm
        >>> bm.RStream(85957).sample(list("abcdefghijklmnopqrstuvwxyz"), 3).tolist()
        ['d', 'j', 's']
        """
        values = np.asarray(x)
        if values.ndim != 1:
            raise ArgumentError(
                f"`x` must be a vector; got shape {values.shape}. "
                "Use `sample_int(n)` to draw from 1, ..., n."
            )
        elements: NDArray[Any] = values[self.sample_index(values.size, size, replace, prob)]
        return elements

    def sample_index_many(
        self,
        draws: Sequence[tuple[int, int]],
        replicates: int,
        *,
        dtype: type[np.integer] = np.intp,
    ) -> list[NDArray[np.integer]]:
        """Return the draws with replacement of many replicates, one pattern repeated.

        The same numbers as a loop over `replicates` of one
        ``sample_index(n, size, replace=True)`` for each of `draws`, many times faster.

        Parameters
        ----------
        draws
            ``(n, size)`` of each draw of one replicate, in their order.
        replicates
            How often the pattern repeats.
        dtype
            Integer type of the result; a narrow one saves memory.

        Returns
        -------
        One array ``(replicates, size)`` for each draw. They are columns of one array.

        Examples
        --------
        >>> import pybootmlm as bm
        >>> groups, rows = bm.RStream(85957).sample_index_many([(3, 3), (5, 4)], 2)
        >>> groups.tolist(), rows.tolist()
        ([[1, 2, 1], [1, 1, 2]], [[2, 2, 2, 1], [4, 4, 4, 1]])
        """
        replicates = count(replicates, "replicates")
        pairs = [population(n, size, replace=True) for n, size in draws]
        largest = max((n for n, _ in pairs), default=0)
        if largest - 1 > np.iinfo(dtype).max:
            raise ArgumentError(
                f"`dtype` must hold indices up to {largest - 1}; got {np.dtype(dtype)}. "
                "Use a wider type, such as numpy.intp."
            )
        return draw_plan(self._source, pairs, replicates, rounding=self._rounding, dtype=dtype)
