"""Formula, terms, family and link: words as names of ones, so that they agree if the names do."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    words = [
        f"fixed: {fit.fixed_formula}",
        *(f"term: {label}" for label in fit.terms.labels),
        f"family: {fit.family.name}",
        f"link: {fit.family.link}",
    ]
    columns = zip(fit.fixef.index, fit.terms.assign, strict=True)
    assign = {f"assign: {name}": int(term) for name, term in columns}
    return Value.of({**dict.fromkeys(words, 1), **assign})


PROBE = Probe(
    name="words",
    what="formula, terms, family and link",
    package="lme4",
    r="formula(m), terms(m), family(m)",
    python="fit.fixed_formula, fit.terms, fit.family",
    compute=_compute,
    record="methods",
)
