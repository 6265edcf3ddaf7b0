"""`RStream`: R's random numbers as an object."""

from pybootmlm.rng.deviates import Deviates
from pybootmlm.rng.index_draws import IndexDraws


class RStream(IndexDraws, Deviates):
    """A stream of random numbers that is R's, number for number and bit for bit.

    ``RStream(s)`` is R after ``set.seed(s)``; each method draws what R's function of that name
    draws and leaves the stream where R's would be, so calls can be mixed as in R.

    Parameters
    ----------
    seed
        As for ``set.seed``: a whole number from -2147483647 to 2147483647.
    kind
        The generator: ``"Mersenne-Twister"`` or ``"L'Ecuyer-CMRG"``.
    normal_kind
        How normal deviates are made: ``"Inversion"``.
    sample_kind
        How indices are made: ``"Rejection"``, or ``"Rounding"`` as R before 3.6.0.

    Notes
    -----
    Parameters of distributions may be vectors and are recycled as in R. Where R warns and returns
    NaN, an `ArgumentError` is raised instead. R's logarithms, exponentials and powers are the C
    library's; normal, gamma and binomial deviates therefore agree to the last bit with an R that
    uses the same C library, and everything else with any R.

    References
    ----------
    .. [1] R Core Team. R: A Language and Environment for Statistical Computing, help pages
       "Random", "sample" and, in the package parallel, "RngStream".

    Examples
    --------
    >>> stream = RStream(85957)
    >>> stream.sample_int(10).tolist()
    [4, 3, 10, 2, 6, 9, 5, 8, 1, 7]
    >>> RStream(85957).rnorm(3).round(7).tolist()
    [0.2184893, -1.7194418, -1.0536624]
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"RStream of {self.kind}, {self.normal_kind}, {self.sample_kind}"
