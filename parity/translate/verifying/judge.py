"""What R and Python say of one variable, compared by parity's rules."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from parity.compare import Comparison, compare
from parity.tolerances import Tolerance
from parity.translate.verifying.bootstraps import judge_bootstrap
from parity.translate.verifying.observed import as_numbers
from parity.translate.verifying.outcome import Item
from parity.values import Value
from parity.verdict import Verdict

Said = Mapping[str, Any]


@dataclass(frozen=True)
class Rules:
    """The tolerances, and what is known of this R.

    Attributes
    ----------
    tolerances
        By name.
    versions
        Of R and its packages.
    """

    tolerances: Mapping[str, Tolerance]
    versions: Mapping[str, str]


def judge(name: str, theirs: Said, ours: Said, tolerance: str, rules: Rules) -> Item:
    """Compare one variable, or one shown value.

    Parameters
    ----------
    tolerance
        Name of the one for numbers: ``deterministic`` where no fit is involved.
    """
    kinds = (theirs["type"], ours["type"])
    if kinds == ("fit", "fit"):
        return _judge_fit(name, theirs, ours, rules)
    if kinds == ("boot", "boot"):
        return judge_bootstrap(name, theirs, ours, rules.tolerances["replicates"], rules.versions)
    if kinds == ("intervals", "intervals"):
        limits = rules.tolerances["replicates"]
        return _judge_numbers(name, _value(theirs), _value(ours), limits)
    if kinds == ("other", "other"):
        return Item(name, Verdict.NOT_RUN, f"{_class(theirs)} is not compared")
    if "other" in kinds:
        what = _class(theirs) if kinds[0] == "other" else _class(ours)
        return Item(name, Verdict.NOT_RUN, f"{what} on one side has no form to be compared in")
    if kinds == ("frame", "frame"):
        return _judge_frame(name, theirs, ours, tolerance, rules)
    if kinds == ("list", "list"):
        return _judge_list(name, theirs, ours, tolerance, rules)
    if set(kinds) <= {"factor", "texts"}:
        return _judge_texts(name, theirs, ours)
    if kinds[0] == "fit" and "Estimate" in str(ours):
        # R prints a fit; here that is its summary, whose table has the fixed effects.
        table = Value.from_json(ours["value"])
        estimates = Value(table.numbers[:, 0], (table.rows,), table.missing[:, 0])
        fixed = Value.from_json(theirs["fixef"])
        return _judge_numbers(name, fixed, estimates, rules.tolerances["optimum"])
    left, right = as_numbers(theirs), as_numbers(ours)
    if left is None or right is None:
        return Item(name, Verdict.MISMATCH, f"R has {kinds[0]}, Python {kinds[1]}")
    return _judge_numbers(name, left, right, rules.tolerances[tolerance])


def _class(said: Said) -> str:
    return "/".join(said.get("class") or ["nothing"])


def _value(said: Said) -> Value:
    return Value.from_json(said["value"])


def _judge_numbers(name: str, theirs: Value, ours: Value, tolerance: Tolerance) -> Item:
    comparison = compare(theirs, _without_default_names(ours), tolerance)
    return _item(name, comparison)


def _item(name: str, comparison: Comparison) -> Item:
    if comparison.passed:
        return Item(name, Verdict.MATCH, "", comparison.digits)
    problem = comparison.problem
    if comparison.worst is not None:
        worst = comparison.worst
        problem += f": R has {worst.expected:.8g}, Python {worst.observed:.8g}"
    return Item(name, Verdict.MISMATCH, problem, comparison.digits)


def _without_default_names(value: Value) -> Value:
    """Names such as t1, t2 and 0, 1 are given where there are none: R has none there."""
    names = tuple(
        None if labels is not None and _is_default(labels) else labels for labels in value.names
    )
    return replace(value, names=names)


def _is_default(labels: tuple[str, ...]) -> bool:
    return labels in (
        tuple(f"t{i + 1}" for i in range(len(labels))), tuple(str(i) for i in range(len(labels)))
    )  # fmt: skip


def _judge_fit(name: str, theirs: Said, ours: Said, rules: Rules) -> Item:
    """One-sided: ours may be the better optimum, never the worse one."""
    rule = rules.tolerances["optimum"]
    theirs_at, ours_at = (float(Value.from_json(s["criterion"]).numbers[0]) for s in (theirs, ours))
    for part in ("nobs", "reml"):
        exact = compare(
            Value.from_json(theirs[part]), Value.from_json(ours[part]), rules.tolerances["exact"]
        )
        if not exact.passed:
            return Item(name, Verdict.MISMATCH, f"{part}: {exact.problem}")
    worst = Item(name, Verdict.MATCH, "")
    for part in ("theta", "fixef", "sigma"):
        found = compare(Value.from_json(theirs[part]), Value.from_json(ours[part]), rule)
        item = _item(name, found)
        if not found.comparable:
            return replace(item, reason=f"{part}: {item.reason}")
        worst = min(worst, replace(item, reason=f"{part}: {item.reason}"), key=lambda i: i.digits)
        if item.verdict is Verdict.MISMATCH:
            worst = replace(item, reason=f"{part}: {item.reason}")
            break
    if ours_at > theirs_at + rule.criterion:
        reason = f"our criterion {ours_at:.8f} is above R's {theirs_at:.8f}"
        return Item(name, Verdict.MISMATCH, reason, worst.digits)
    if worst.verdict is Verdict.MATCH:
        return replace(worst, reason="")
    if ours_at < theirs_at - rule.criterion:
        reason = f"R stopped early: its criterion is {theirs_at - ours_at:.2g} above ours"
        return Item(name, Verdict.EXPLAINED, reason, worst.digits)
    return worst


def _judge_frame(name: str, theirs: Said, ours: Said, tolerance: str, rules: Rules) -> Item:
    only_r = [t for t in theirs["titles"] if t not in ours["value"]]
    only_python = [t for t in ours["titles"] if t not in theirs["value"]]
    if only_r or only_python:
        reason = f"columns: only R has {only_r or 'none'}, only Python {only_python or 'none'}"
        return Item(name, Verdict.MISMATCH, reason)
    if theirs["rows"] != ours["rows"]:
        reason = f"rows: R has {theirs['rows'][0]:g}, Python {ours['rows'][0]:g}"
        return Item(name, Verdict.MISMATCH, reason)
    if ours["names"] is not None and theirs["names"] and theirs["names"] != ours["names"]:
        if set(theirs["names"]) != set(ours["names"]) or not _reordered(theirs, ours):
            reason = f"rows are {theirs['names'][:3]} in R, {ours['names'][:3]} in Python"
            return Item(name, Verdict.MISMATCH, reason)
        ours = _reorder(theirs, ours)
    items = [
        judge(f"{name}${title}", theirs["value"][title], ours["value"][title], tolerance, rules)
        for title in theirs["titles"]
    ]
    return _worst(name, items)


def same_rows(theirs: Said, ours: Said) -> bool:
    """Whether two frames have the same rows, in whatever order."""
    if theirs["type"] != "frame" or ours["type"] != "frame":
        return False
    left, right = (_rows(said, theirs["titles"]) for said in (theirs, ours))
    return sorted(left) == sorted(right)


def _rows(said: Said, titles: list[str]) -> list[tuple[str, ...]]:
    columns = []
    for title in titles:
        column = said["value"].get(title, {"type": "other"})
        if column["type"] == "numbers":
            numbers = Value.from_json(column["value"]).numbers
            columns.append([f"{number:.10g}" for number in numbers])
        elif column["type"] in ("factor", "texts"):
            columns.append(_labels(column))
    return list(zip(*columns, strict=False))


def _reordered(theirs: Said, ours: Said) -> bool:
    numeric = all(
        c["type"] == "numbers" for c in (*theirs["value"].values(), *ours["value"].values())
    )
    return numeric and len(set(theirs["names"])) == len(theirs["names"])


def _reorder(theirs: Said, ours: Said) -> Said:
    """Rows by name."""
    place = [ours["names"].index(label) for label in theirs["names"]]
    columns = {
        title: {"type": "numbers", "value": Value.of(_value(c).numbers[place]).to_json()}
        for title, c in ours["value"].items()
    }
    return {**ours, "value": columns, "names": theirs["names"]}


def _judge_list(name: str, theirs: Said, ours: Said, tolerance: str, rules: Rules) -> Item:
    if list(theirs["value"]) != list(ours["value"]):
        reason = f"elements: R has {list(theirs['value'])[:4]}, Python {list(ours['value'])[:4]}"
        return Item(name, Verdict.MISMATCH, reason)
    items = [
        judge(f"{name}${key}", theirs["value"][key], ours["value"][key], tolerance, rules)
        for key in theirs["value"]
    ]
    return _worst(name, items)


def _worst(name: str, items: list[Item]) -> Item:
    if not items:
        return Item(name, Verdict.MATCH, "")
    order = (Verdict.MISMATCH, Verdict.NOT_RUN, Verdict.EXPLAINED, Verdict.MATCH)
    first = min(items, key=lambda item: (order.index(item.verdict), item.digits))
    digits = min(item.digits for item in items)
    reason = f"{first.name}: {first.reason}" if first.reason else ""
    return Item(name, first.verdict, reason, digits)


def _judge_texts(name: str, theirs: Said, ours: Said) -> Item:
    if theirs["type"] == "factor" and ours["type"] == "factor":
        if theirs["levels"] != ours["levels"]:
            reason = f"levels: R has {theirs['levels'][:5]}, Python {ours['levels'][:5]}"
            return Item(name, Verdict.MISMATCH, reason)
    elif theirs["type"] == "factor" and "$" in name:
        # Of a column the order of the levels matters; of texts drawn from it, the texts do.
        return Item(name, Verdict.MISMATCH, "R has a factor, Python text")
    left, right = _labels(theirs), _labels(ours)
    if left == right:
        return Item(name, Verdict.MATCH, "")
    if len(left) != len(right):
        return Item(name, Verdict.MISMATCH, f"R has {len(left)} texts, Python {len(right)}")
    at = next(i for i, (a, b) in enumerate(zip(left, right, strict=True)) if a != b)
    reason = f"element {at + 1}: R has '{left[at]}', Python '{right[at]}'"
    return Item(name, Verdict.MISMATCH, reason)


def _labels(said: Said) -> list[str]:
    if said["type"] == "texts":
        return list(said["value"])
    codes = Value.from_json(said["codes"]).numbers
    return ["NA" if np.isnan(c) else said["levels"][int(c) - 1] for c in codes]
