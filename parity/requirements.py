"""What is promised, one line each, in the user's words."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from parity.errors import CaseError
from parity.paths import parity_folder

LEVELS = ("low", "medium", "high")


@dataclass(frozen=True)
class Risk:
    """What is at stake; the defaults are those of a promise that nobody assessed: the worst.

    Attributes
    ----------
    impact
        Of a wrong answer that is used.
    likelihood
        Of an error in the code that gives it.
    detectability
        By the user; "low" is bad.
    """

    impact: str = "high"
    likelihood: str = "high"
    detectability: str = "low"

    def __post_init__(self) -> None:
        for name in ("impact", "likelihood", "detectability"):
            level = getattr(self, name)
            if level not in LEVELS:
                message = f"risk: `{name}` must be one of {', '.join(LEVELS)}; got '{level}'"
                raise CaseError(message)


@dataclass(frozen=True)
class Requirement:
    """A promise, where it comes from, when it is kept and what depends on it.

    Attributes
    ----------
    acceptance
        When it is kept, in words.
    harm
        What a wrong answer would do.
    code
        Public names of pybootmlm that keep it: ``lmer``, ``LmerFit.fixef``.
    tests
        Named tests that are evidence beside the cases: ``tests/x.py`` or ``tests/x.py::test_y``.
    guards
        Ids of requirements whose cases guard the same code by a source that is not R.
    """

    id: str
    text: str
    source: str
    acceptance: str = ""
    harm: str = ""
    risk: Risk = Risk()
    code: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()


def load_requirements(path: Path | None = None) -> Mapping[str, Requirement]:
    """Read ``tables/requirements.toml``, or another table of that form."""
    path = parity_folder() / "tables" / "requirements.toml" if path is None else path
    requirements = {}
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        message = f"{path.name} is not TOML: {error}"
        raise CaseError(message) from error
    for name, table in tables.items():
        lists = {key: tuple(table[key]) for key in ("code", "tests", "guards") if key in table}
        try:
            risk = Risk(**table.get("risk", {}))
            requirements[name] = Requirement(id=name, **{**table, **lists, "risk": risk})
        except (TypeError, CaseError) as error:
            message = f"{path.name}: requirement '{name}' cannot be read: {error}"
            raise CaseError(message) from error
    return requirements
