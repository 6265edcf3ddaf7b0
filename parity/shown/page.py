"""The page "Where R and we differ", made of deviations.toml and of what R said."""

import re
from collections.abc import Sequence

from parity.cases import load_cases
from parity.deviations import Deviation
from parity.proofs import proof_of
from parity.shown.example import Item
from parity.shown.in_python import run_python
from parity.shown.outcome import Outcome
from parity.shown.record import RecordedRun, read_runs
from parity.shown.survey import from_record

_INTRO = """\
# Where R and we differ

pybootmlm does what lme4 and bootmlm do, but not where they are wrong. This page lists every such
place that we know of, with R code that shows it. Each piece of code runs by itself; below it
stands what R printed (after `#>`), then the same in Python.

The page is made of one file, `parity/tables/deviations.toml`, and kept true by tests. The Python
code runs in every test session and must give the right value. The R code runs wherever R has the
package, and must give the wrong value under the versions that the entry names and the right one
under others: when R is corrected, the test fails and the entry is changed. bootmlm is in no Linux
distribution, so where it is not installed its entries are held to what R said when it was
recorded, with versions, in `r_reference/deviations.json`. (The bootmlm that could be run is
0.0.1.1000, from its public repository. CRAN's 0.1.1 was not at hand; the numbers that its vignette
prints are this one's.) To see which of these your own R has:

    parity deviations

Most entries name cases of parity, the harness that compares the two packages with pybootmlm. There
a difference is explained only if a proof holds in that run: the slip that R makes, made on
purpose, must turn our numbers into R's.
"""
_GROUPS = {
    "lme4": ("lme4", "What affects everybody who fits with lme4, and R itself."),
    "bootmlm": ("bootmlm", "Defects of bootmlm, most of them silent."),
    "beside": ("Packages beside lme4", "What tests and intervals of lme4's fits are taken from."),
    "numerical": (
        "Where R stops before it has arrived",
        "No defects: R's algorithms stop at a tolerance, ours at another. Parity recognises these "
        "and says so in the case's verdict.",
    ),
    "followed": (
        "Where we follow R",
        "Here R is wrong and so are we, on purpose: a seed is to mean the same in both.",
    ),
}
_EVERY = ">=0"
_ZERO = 1e-9  # what is smaller is rounding, and another on every machine


def page_text(entries: Sequence[Deviation]) -> str:
    """Write the page in Markdown."""
    runs = read_runs()
    parts = [_INTRO, _who(runs), _overview(entries)]
    for group, (title, what) in _GROUPS.items():
        parts.append(f"## {title}\n\n{what}\n")
        parts += [_entry(entry, runs) for entry in entries if entry.group == group]
    return "\n".join(parts)


def _who(runs: Sequence[RecordedRun]) -> str:
    lines = []
    for run in runs:
        names = [name for name in ("lme4", "bootmlm", "Matrix") if name in run.environment]
        packages = ", ".join(f"{name} {_dashed(name, run.environment[name])}" for name in names)
        lines.append(f"- R {run.environment['R']} with {packages}, recorded {run.recorded}")
    return "R's answers on this page are those of\n\n" + "\n".join(lines) + "\n"


def _overview(entries: Sequence[Deviation]) -> str:
    lines = ["## In short\n"]
    for group, (title, _) in _GROUPS.items():
        lines.append(f"{title}:\n")
        for entry in entries:
            if entry.group == group:
                some = all(bounds == _EVERY for bounds in entry.packages.values())
                only = "" if some else f" ({_versions(entry)} only)"
                lines.append(f"- [{_code(entry.title)}](#{entry.id}){only}")
        lines.append("")
    return "\n".join(lines)


def _entry(entry: Deviation, runs: Sequence[RecordedRun]) -> str:
    example = entry.example
    found = from_record(entry, runs)
    shown = [run for run, judged in found if judged.outcome is Outcome.SHOWN]
    right = [run for run, judged in found if judged.outcome is Outcome.RIGHT]
    told = shown[0] if shown else right[0]
    said = told.shown[entry.id]
    parts = [
        f"({entry.id})=\n### {_code(entry.title)}\n",
        f"{_versions(entry)}. {_seen(entry, shown, right)}\n",
        f"{_code(entry.cause.strip())}\n",
        f"**Instead.** {_code(entry.instead.strip())}\n",
        _block("r", example.r, said.r.printed),
    ]
    if said.right is not None:
        parts += [
            "The right value, found by R in another way:\n",
            _block("r", example.right_in_r, said.right.printed),
        ]
    else:
        parts.append(f"{_code(example.why_not_in_r.strip())}\n")
    values = run_python(example.python)
    parts += [
        "With pybootmlm:\n",
        _block("python", example.python, [_printed(item) for item in values]),
        _evidence(entry),
    ]
    return "\n".join(parts)


def _evidence(entry: Deviation) -> str:
    """Say which cases show it and how they prove it, and where it was met."""
    cases = [case for case in load_cases() if entry.concerns(case)]
    lines = [f"*Source:* {_code(entry.source.strip())}"]
    if cases:
        quantities = ", ".join(f"`{name}`" for name in sorted({case.quantity for case in cases}))
        many = "1 case" if len(cases) == 1 else f"{len(cases)} cases"
        lines.append(f"*In parity:* {many} of {quantities}, `{entry.id}`.")
        proofs = dict.fromkeys(scope.proof for scope in entry.scopes if not scope.error)
        said = [_first_line(proof_of(name).__doc__) for name in proofs]
        if any(scope.error for scope in entry.scopes):
            said.append("Where R stops, with this error and no other, we must answer.")
        lines.append("*Proof:* " + " ".join(said))
    return "<br>\n".join(lines) + "\n"


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]


def _seen(entry: Deviation, shown: Sequence[RecordedRun], right: Sequence[RecordedRun]) -> str:
    """Say under which versions of lme4, or of the package beside it, R said what."""
    name = next(iter(entry.packages)) if entry.group == "beside" else "lme4"
    said = []
    for what, runs in (("Shown with", shown), ("Right with", right)):
        versions = dict.fromkeys(_dashed(name, run.environment[name]) for run in runs)
        if versions:
            *first, last = versions
            listed = f"{', '.join(first)} and {last}" if first else last
            said.append(f"{what} {name} {listed}.")
    return " ".join(said)


def _versions(entry: Deviation) -> str:
    named = []
    for package, bounds in entry.packages.items():
        some = f"{package}: all versions tried"
        named.append(some if bounds == _EVERY else f"{package} {_dashed(package, bounds)}")
    return " and ".join(named)


def _dashed(package: str, versions: str) -> str:
    """Write versions, or bounds, as the package's authors do: 1.1-33."""
    if package in ("lme4", "Matrix"):
        versions = re.sub(r"(\d+\.\d+)\.(\d+)", r"\1-\2", versions)
    return re.sub(r"(<=|>=|<|>)\s*", r"\1 ", versions).replace(">=", "≥").replace("<", "&lt;")


def _block(language: str, code: str, printed: Sequence[str]) -> str:
    """Write code, and as comments below it what it printed."""
    said = "\n".join(f"#> {line}".rstrip() for line in printed)
    return f"```{language}\n{code.strip(chr(10))}\n{said}\n```\n"


def _code(text: str) -> str:
    """Keep R's double colons and underscores from being read as markup."""
    return text.replace("<", "&lt;").replace("|", "\\|").replace("*", "\\*")


def _printed(item: Item) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, bool):
        return str(item)
    return f"{0.0 if abs(item) < _ZERO else item:.7g}"
