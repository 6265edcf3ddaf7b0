"""Names of variance components, as bootmlm makes them."""

from pybootmlm.lmm.estimates import Estimates


def component_names(fit: Estimates, sd_cor: bool) -> list[str]:
    """Names in the order of theta, then sigma: ``sd_Days|Subject`` and so on."""
    one, two, last = ("sd_", "cor_", "sigma") if sd_cor else ("var_", "cov_", "sigma2")
    frame = fit.varcorr.to_frame(order="lower.tri")
    names = []
    for group, var1, var2 in zip(frame["grp"], frame["var1"], frame["var2"], strict=True):
        if group == "Residual":
            names.append(last)
        elif isinstance(var2, str):
            names.append(f"{two}{var2}.{var1}|{group}")
        else:
            names.append(f"{one}{var1}|{group}")
    return names
