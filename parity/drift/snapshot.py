"""One run, as far as another can be compared with it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from parity.drift.sketch import Numbers, sketched
from parity.tolerances import Tolerance
from parity.verdict import Verdict

# Another on every machine, and no reason for another number.
_NOT_VERSIONS = ("OS", "locale", "platform")


@dataclass(frozen=True)
class Entry:
    """What a run said of one case.

    Attributes
    ----------
    asked
        Fingerprint of the question: model, inputs and data.
    digits
        Decimal digits on which R and Python agree; None where no numbers were compared.
    deviation
        Id of the registered deviation that explains the case.
    expected, observed
        What R answered and what Python did; None where there was none.
    """

    id: str
    verdict: Verdict
    tolerance: str
    asked: str
    digits: float | None = None
    reason: str = ""
    deviation: str | None = None
    expected: Numbers | None = None
    observed: Numbers | None = None


@dataclass(frozen=True)
class Snapshot:
    """What a run said of all its cases, and under which versions.

    Attributes
    ----------
    name
        What the reader calls it: the file it was read from.
    dead
        Ids of registered deviations that concern no case.
    tolerances
        Those its cases were judged by.
    brief
        Whether it is a baseline, which holds long values as sketches only.
    """

    name: str
    oracle: str
    implementation: str
    python: Mapping[str, str]
    r: Mapping[str, str]
    tolerances: Mapping[str, Tolerance]
    entries: Mapping[str, Entry]
    dead: tuple[str, ...] = field(default=())
    brief: bool = False

    def selected(self, patterns: Sequence[str]) -> "Snapshot":
        """Keep the cases whose id fits one of the globs; all without a glob."""
        if not patterns:
            return self
        kept = {
            name: entry
            for name, entry in self.entries.items()
            if any(fnmatchcase(name, pattern) for pattern in patterns)
        }
        return replace(self, entries=kept)

    def shortened(self) -> "Snapshot":
        """Return what a baseline keeps: whole digits, long values as sketches, versions only."""
        entries = {}
        for name, entry in sorted(self.entries.items()):
            tolerance = self.tolerances[entry.tolerance]
            entries[name] = replace(
                entry,
                digits=None if entry.digits is None else _digits(entry.digits, entry.verdict),
                reason="",
                expected=sketched(entry.expected, tolerance),
                observed=sketched(entry.observed, tolerance),
            )
        python, r = _versions(self.python), _versions(self.r)
        return replace(self, entries=entries, python=python, r=r, brief=True)


def _digits(digits: float, verdict: Verdict) -> float:
    """Round digits of agreement; those of a match down to whole ones, since the last is noise."""
    return float(min(int(digits), 12)) if verdict is Verdict.MATCH else round(digits, 1)


def _versions(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in environment.items() if name not in _NOT_VERSIONS}


def fingerprint(request: Mapping[str, Any], data: str | None) -> str:
    """Return a short digest of a question; what a request leaves out and None are the same."""
    text = json.dumps([_without_none(request), data], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return value
