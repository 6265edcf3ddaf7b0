"""Where a search among many random effects begins: variances that match the data's moments.

With Var(y) = sigma^2 (I + sum_f s_f Z_f Z_f'), the expectations of |Z_f'y|^2 and of |y|^2 are
linear in sigma^2 and sigma^2 s_f; solving for these is Rao's MINQUE with all weights on the error
(1971, Journal of Multivariate Analysis 1, 257-275). Cross-products are all that it takes.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Standard deviations, relative to the data, that a search may begin with.
LEAST, MOST = 0.1, 3.0


def moment_start(
    ZZ: sp.csr_array, Zy: Array, yy: float, n: int, term: NDArray[np.intp], terms: int
) -> Array:
    """Standard deviation of each term's effects over that of the error (terms,).

    Parameters
    ----------
    ZZ : (m, m) CSR array
        Cross-products of random-effects columns of unit size.
    Zy : (m,) array
        Their cross-products with the response.
    yy : float
        The response's sum of squares.
    n : int
        Number of rows.
    term : (m,) array of int
        The term of each column.
    terms : int
        Their number.
    """
    member = sp.csr_array((np.ones(len(term)), (term, np.arange(len(term)))), (terms, len(term)))
    A = np.empty((terms + 1, terms + 1))
    A[:terms, :terms] = (member @ ZZ.power(2) @ member.T).toarray()
    A[:terms, -1] = A[-1, :terms] = member @ ZZ.diagonal()
    A[-1, -1] = n
    moments = np.append(np.asarray(member @ Zy**2), yy)
    found = np.linalg.lstsq(A, moments, rcond=None)[0]
    error = max(float(found[-1]), 1e-2 * yy / n)
    sizes: Array = np.sqrt(np.clip(found[:-1] / error, LEAST**2, MOST**2))
    return sizes
