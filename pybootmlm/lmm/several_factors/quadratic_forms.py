"""z'Pz for many sparse rows z, from the elements of P that are known."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Array = NDArray[np.float64]


def quadratic_forms(
    P: sp.csr_array, index: NDArray[np.intp], value: Array
) -> tuple[Array, NDArray[np.bool_]]:
    """z'Pz of m rows with k elements each, and whether P has all that a row needs.

    Only the products of a row's own elements are formed: a product of all rows with P would hold
    whole rows of P.

    Parameters
    ----------
    P : (M, M) CSR array
        Symmetric; elements that are not stored are not known.
    index : (m, k) array of int
        Where the elements of each row stand.
    value : (m, k) array
        The elements; zeros need nothing of P.
    """
    P = P.tocsr()
    P.sort_indices()
    M = P.shape[0]
    of_row = np.repeat(np.arange(M, dtype=np.int64), np.diff(P.indptr))
    keys = of_row * M + P.indices
    total, known = np.zeros(len(index)), np.ones(len(index), bool)
    if not keys.size:  # where all variances are zero
        return total, np.asarray((value == 0).all(axis=1))
    for a in range(index.shape[1]):
        for b in range(a, index.shape[1]):
            weight = value[:, a] * value[:, b] * (1 if a == b else 2)
            wanted = index[:, a].astype(np.int64) * M + index[:, b]
            at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            there = keys[at] == wanted
            total += np.where(there, weight * P.data[at], 0.0)
            known &= there | (weight == 0)
    return total, known
