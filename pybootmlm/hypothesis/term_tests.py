"""F tests of the terms of one fit: analysis of variance of types I, II and III."""

from typing import TYPE_CHECKING

import numpy as np

from pybootmlm.exceptions import ArgumentError
from pybootmlm.hypothesis.contest import f_frame
from pybootmlm.hypothesis.degrees_of_freedom import TITLES, approximation
from pybootmlm.hypothesis.term_contrasts import TYPES
from pybootmlm.lmm.fit import checked_fit
from pybootmlm.methods.anova_table import AnovaTable

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

ROMAN = {"I": 1, "II": 2, "III": 3}


def term_tests(
    fit: "LmerFit",
    type: int | str = 3,  # noqa: A002 (R's name)
    *,
    ddf: str = "satterthwaite",
) -> AnovaTable:
    """F tests of the terms of the fixed effects, as lmerTest's ``anova`` of one model.

    (`anova` of one model is lme4's, without denominator degrees of freedom.)

    Parameters
    ----------
    fit : LmerFit
        The fit.
    type : {1, 2, 3, "I", "II", "III"}
        Each term after those before it; after all that do not contain it; or averaged over the
        cells of those that contain it. They are the same for balanced data and for models without
        interactions of factors. They do not depend on how the factors are coded.
    ddf : {"satterthwaite", "kenward-roger", "asymptotic"}
        How the denominator degrees of freedom are found; see `contest`.

    Returns
    -------
    AnovaTable
        A row a term: Sum Sq, Mean Sq, NumDF, DenDF, F value, Pr(>F).

    Raises
    ------
    ArgumentError
        There is no such type or method.
    ModelError
        Kenward and Roger's method is asked of a fit by maximum likelihood.

    References
    ----------
    Kuznetsova, A., Brockhoff, P. B. and Christensen, R. H. B. (2017). J. Stat. Softw. 82(13),
    section 2.2. Goodnight, J. H. (1976). The general linear models procedure, on the types.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("angle ~ recipe * temp + (1 | recipe:replicate)", bm.load_dataset("cake"))
    >>> print(bm.term_tests(fit))
    Type III Analysis of Variance Table with Satterthwaite's method
                 Sum Sq Mean Sq NumDF  DenDF F value Pr(>F)
    recipe         4.00    2.00     2 254.02  0.0957 0.9088
    temp        1966.71 1966.71     1 222.00 94.1632 <2e-16 ***
    recipe:temp    1.74    0.87     2 222.00  0.0417 0.9592
    ---
    Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1
    """
    fit = checked_fit(fit)
    number = ROMAN.get(type) if isinstance(type, str) else type
    if number is None or isinstance(number, bool) or number not in TYPES:
        raise ArgumentError(f"`type` must be 1, 2, 3, 'I', 'II' or 'III'; got {type!r}.")
    method = approximation(fit, ddf)
    contrasts = TYPES[number](fit)
    # A term without a hypothesis of its own comes last.
    names = sorted(contrasts, key=lambda name: not len(contrasts[name]))
    hypotheses = [(contrasts[name], np.zeros(len(contrasts[name]))) for name in names]
    frame = f_frame(fit, method, hypotheses, names)
    title = f"Type {'I' * number} Analysis of Variance Table with {TITLES[ddf]} method"
    return AnovaTable(frame, (title,))
