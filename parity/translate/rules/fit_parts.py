"""Parts of results that have a name: slots of a fit, elements of a bootstrap, of intervals."""

import ast

from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.writing import build

_SLOTS = {
    "theta": ("_x.theta", Kind.VECTOR), "beta": ("_x.beta", Kind.VECTOR),
    "u": ("_x.u", Kind.VECTOR), "frame": ("_x.model_frame()", Kind.FRAME),
}  # fmt: skip
_BOOT = {
    "t0": ("_x.t0", Kind.VECTOR), "t": ("_x.t", Kind.MATRIX), "R": ("_x.nsim", Kind.NUMBER),
}  # fmt: skip
_INTERVALS = {"normal": "norm", "basic": "basic", "student": "stud", "percent": "perc",
              "bca": "bca"}  # fmt: skip
_SUMMARY = {
    "coefficients": ("_x.coefficients", Kind.TABLE), "varcor": ("_x.varcorr", Kind.VARCORR),
    "ngrps": ("_x.ngrps", Kind.COLUMN),
}  # fmt: skip


def slot_of(fit: ast.expr, title: str) -> Meaning:
    """A slot of a fit."""
    if title not in _SLOTS:
        raise Untranslatable(f"the slot @{title} of a fit has no translation; try getME()")
    pattern, kind = _SLOTS[title]
    return Meaning(build.fill(pattern, _x=fit), kind)


def part_of(found: Meaning, title: str, said: str) -> Meaning:
    """A named part of a result."""
    if found.kind is Kind.BOOT and title in _BOOT:
        pattern, kind = _BOOT[title]
        return Meaning(build.fill(pattern, _x=found.code), kind, length=found.length)
    if found.kind is Kind.INTERVALS and title in _INTERVALS:
        return _interval_rows(found, _INTERVALS[title])
    if found.kind is Kind.INTERVALS and title == "t0":
        return Meaning(build.fill("_x.t0", _x=found.code), Kind.NUMBER, length=1)
    if found.kind is Kind.SUMMARY and title in _SUMMARY:
        pattern, kind = _SUMMARY[title]
        return Meaning(build.fill(pattern, _x=found.code), kind)
    if found.kind is Kind.SUMMARY and title == "sigma":
        return Meaning(build.fill("_x.varcorr.sigma", _x=found.code), Kind.NUMBER, length=1)
    if found.kind in (Kind.VARCORR, Kind.EFFECTS):
        return Meaning(build.column(found.code, title), Kind.TABLE)
    if found.kind is Kind.TESTS:
        code = build.column(build.fill("_x.to_frame()", _x=found.code), title)
        return Meaning(code, Kind.COLUMN, ast.unparse(code))
    raise Untranslatable(f"`{said}`: {found.kind} has no `{title}` that is known here")


def _interval_rows(found: Meaning, kind: str) -> Meaning:
    titles = ["conf", "lower", "upper"]
    if kind != "norm":
        titles[1:1] = ["rank_lower", "rank_upper"]
    pattern = "_x.to_frame().loc[lambda d: d['type'] == _k, _t].to_numpy()"
    code = build.fill(pattern, _x=found.code, _k=build.constant(kind), _t=build.constant(titles))
    return Meaning(code, Kind.MATRIX)
