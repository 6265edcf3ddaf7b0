"""Names of variance components, as bootmlm makes them."""

from functools import lru_cache

from pybootmlm.lmm.solution import Labels


@lru_cache(maxsize=64)
def component_names(labels: Labels, sd_cor: bool) -> tuple[str, ...]:
    """Names in the order of theta, then sigma: ``sd_Days|Subject`` and so on.

    Remembered, because a bootstrap asks for them once a replicate.
    """
    prefixes = {"sd": "sd", "cor": "cor"} if sd_cor else {"sd": "var", "cor": "cov"}
    names = [
        f"{prefixes.get(one.kind, 'cor')}_{one.effects}|{group}"
        for group, own in zip(labels.unique_groups, labels.of_theta, strict=True)
        for one in own
    ]
    return (*names, "sigma" if sd_cor else "sigma2")
