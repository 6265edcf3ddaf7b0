"""What R is not asked of large data, because it would take it many minutes or all memory."""

from dataclasses import dataclass

from parity.cases.case import Case

# Measured with R 4.2.2, lme4 1.1-31 and bootmlm on the 7,185 pupils in 160 schools of hsb, a
# random slope: scores_mer took 9 s (38 s beside other work) and 1.8 GB, the residual bootstrap's
# matrices 1 GB, a minute with corrected_trans, empinf_merm 12 s, a refit 0.08 s. The limits leave
# each case below `--timeout` on such a machine, and below 3 GB.
SQUARE = 8_000
REFITS = 2_500_000
REPLICATES = 20_000_000
EFFECTS = 100_000_000


@dataclass(frozen=True)
class Size:
    """How large a model is: rows used, levels of the first factor, random effects in all."""

    rows: int
    clusters: int
    effects: int
    several_factors: bool


def too_large(case: Case, size: Size) -> str | None:
    """Return why a case is not put to R for a model of this size; None if it is.

    Examples
    --------
    >>> case = Case("m/REML/fixef", "lmer.fixef", "fixef", "deterministic")
    >>> too_large(case, Size(10**6, 1000, 1000, False)) is None
    True
    """
    rows, inputs = size.rows, case.inputs
    if case.quantity == "scores_mer" or _fills_a_square(case):
        return _said(
            rows > SQUARE, f"R fills {rows} by {rows} matrices; the limit is {SQUARE} rows"
        )
    if case.quantity in ("empinf_mer", "empinf_merm"):
        work = f"R fits {rows} rows anew for each of {size.clusters} clusters"
        return _said(rows * size.clusters > REFITS, f"{work}; the limit is a product of {REFITS}")
    if case.quantity in ("boot_mer", "bootstrap_mer", "bootstrap_case"):
        work = f"R refits {rows} rows {inputs['nsim']} times"
        return _said(rows * inputs["nsim"] > REPLICATES, f"{work}; the limit is {REPLICATES} rows")
    if case.quantity == "hatvalues" and size.several_factors:
        work = f"R fills a {size.effects} by {rows} matrix"
        return _said(rows * size.effects > EFFECTS, f"{work}; the limit is {EFFECTS} numbers")
    return None


def _fills_a_square(case: Case) -> bool:
    if case.quantity not in ("responses", "bootstrap_mer"):
        return False
    return case.inputs["type"] == "residual" or "corrected_trans" in case.inputs


def _said(large: bool, why: str) -> str | None:
    return f"not asked: {why} (`--all` asks all the same)" if large else None
