"""Names of variance components, as bootmlm makes them."""

from functools import lru_cache

from pybootmlm.lmm.solution import Labels


@lru_cache(maxsize=64)
def component_names(labels: Labels, sd_cor: bool) -> tuple[str, ...]:
    """Names in the order of theta, then sigma: ``sd_Days|Subject`` and so on.

    Remembered, because a bootstrap asks for them once a replicate.
    """
    one, two, last = ("sd_", "cor_", "sigma") if sd_cor else ("var_", "cov_", "sigma2")
    names = []
    for group, term in zip(labels.unique_groups, labels.terms, strict=True):
        for column, first in enumerate(term):
            names.append(f"{one}{first}|{group}")
            names += [f"{two}{second}.{first}|{group}" for second in term[column + 1 :]]
    return (*names, last)
