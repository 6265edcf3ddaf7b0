"""What changed, in a terminal: versions, then cases, the worst first."""

from collections import Counter

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from parity.drift.changes import Change, Drift, Kind
from parity.drift.movement import Movement
from parity.drift.snapshot import Entry

_STYLES = {
    Kind.REGRESSION: "bold red",
    Kind.CHANGE: "yellow",
    Kind.IMPROVEMENT: "green",
    Kind.MOVED: "cyan",
}
_SHOWN = 15
_TOLD = 5
_OTHERS = 50  # what the columns beside the case need


def print_drift(drift: Drift, console: Console, everything: bool = False) -> None:
    """Print what changed; without `everything` the largest changes of each kind."""
    _print_versions(drift, console)
    beyond = [change for change in drift.changes if change.beyond and not _is_new(change)]
    shown = beyond if everything else _largest(beyond)
    if shown:
        console.print(_table(shown, console.width))
    if len(shown) < len(beyond):
        _say(console, f"and {len(beyond) - len(shown)} more beyond tolerance (--all shows them)")
    _print_told(beyond, console)
    _print_new(drift, console)
    _print_deviations(drift, console)
    for name in drift.dead:
        console.print(f"[bold red]dead deviation[/] {name}: it concerns no case")
    within = [change for change in drift.changes if not change.beyond]
    if within:
        largest = f"at most by {within[0].size:.2g} of it: {within[0].id}"
        _say(console, f"{_cases(len(within))} moved within tolerance, {largest}")
    console.print(
        headline(drift), style="bold red" if drift.regressed else "bold green", highlight=False
    )


def headline(drift: Drift) -> str:
    """Return one sentence that says what changed."""
    moved = sum(change.beyond for change in drift.of_kind(Kind.MOVED))
    within = len(drift.of_kind(Kind.MOVED)) - moved
    counts = [
        (len(drift.of_kind(Kind.REGRESSION)) + len(drift.dead), "worse"),
        (len(drift.of_kind(Kind.CHANGE)), "other"),
        (len(drift.of_kind(Kind.IMPROVEMENT)), "better"),
        (moved, "moved beyond tolerance"),
        (within + drift.unchanged, "the same"),
    ]
    said = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f"{'REGRESSION' if drift.regressed else 'No regression'}: {said or 'no cases'}"


def _largest(changes: list[Change]) -> list[Change]:
    """Keep the first of every kind."""
    kept: list[Change] = []
    for kind in Kind:
        kept += [change for change in changes if change.kind is kind][:_SHOWN]
    return kept


def _table(changes: list[Change], width: int) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("case", no_wrap=True)
    table.add_column("what changed", max_width=18)
    table.add_column("R moved", justify="right", no_wrap=True)
    table.add_column("Python", justify="right", no_wrap=True)
    table.add_column("digits", justify="right", no_wrap=True)
    for change in changes:
        table.add_row(
            Text(_folded(change.id, width - _OTHERS)),
            f"[{_STYLES[change.kind]}]{change.what or 'numbers'}[/]",
            _times(change.r),
            _times(change.python),
            _digits(change.before, change.after),
        )
    table.caption = (
        "moved: as a multiple of the case's tolerance; digits: on which both sides agree"
    )
    table.caption_justify = "left"
    return table


def _folded(name: str, width: int) -> str:
    """Break an id that is too long at its slashes."""
    lines = [""]
    for part in name.split("/"):
        longer = f"{lines[-1]}{part}/"
        if lines[-1] and len(longer) - 1 > width:
            lines.append(f"  {part}/")
        else:
            lines[-1] = longer
    return "\n".join(lines)[:-1]


def _times(movement: Movement | None) -> str:
    if movement is None:
        return "[dim]·[/]"
    if movement.problem:
        return "form"
    text = f"{movement.use:.2g}x" if movement.use < 1e4 else f"{movement.use:.0e}x"
    return text if movement.beyond else f"[dim]{text}[/]"


def _digits(before: Entry | None, after: Entry | None) -> str:
    old, new = (
        "" if entry is None or entry.digits is None else str(int(entry.digits))
        for entry in (before, after)
    )
    return old if old == new else f"{old or '-'} → {new or '-'}"


def _is_new(change: Change) -> bool:
    """Say whether a case has come and passes: a count is enough of those."""
    return change.before is None and change.kind is not Kind.REGRESSION


def _print_new(drift: Drift, console: Console) -> None:
    new = Counter(c.what for c in drift.changes if _is_new(c))
    for what, count in new.items():
        _say(console, f"{_cases(count)} {what}")


def _print_told(changes: list[Change], console: Console) -> None:
    """Say of the worst changes why, and which number moved."""
    for change in changes[:_TOLD]:
        console.print(f"[{_STYLES[change.kind]}]{change.what or 'numbers'}[/] {change.id}")
        if change.after is not None and change.after.reason and change.kind is not Kind.MOVED:
            _say(console, f"    {change.after.reason}")
        for side, movement in (("R", change.r), ("Python", change.python)):
            if movement is not None and (movement.beyond or change.kind is not Kind.MOVED):
                _say(console, f"    {side}: {_said(movement)}")


def _print_deviations(drift: Drift, console: Console) -> None:
    """Say which registered deviations explain more cases than before, and which fewer."""
    come, gone = Counter[str](), Counter[str]()
    for change in drift.changes:
        old = None if change.before is None else change.before.deviation
        new = None if change.after is None else change.after.deviation
        if old != new:
            come.update([new] if new else [])
            gone.update([old] if old else [])
    for name, count in come.most_common():
        _say(console, f"deviation {name} now explains {_cases(count)} that it did not")
    for name, count in gone.most_common():
        _say(console, f"deviation {name} no longer shows in {_cases(count)}")


def _cases(count: int) -> str:
    return f"{count} case{'s' if count > 1 else ''}"


def _said(movement: Movement) -> str:
    if movement.problem:
        return movement.problem
    old, new = f"{movement.before:.10g}", f"{movement.after:.10g}"
    if old == new:
        old, new = f"{movement.before:.17g}", f"{movement.after:.17g}"
    return f"{movement.where} was {old}, is {new} ({movement.use:.3g} times the tolerance)"


def _print_versions(drift: Drift, console: Console) -> None:
    console.print(f"from {drift.before.name} to {drift.after.name}", markup=False, highlight=False)
    for version in drift.versions:
        old, new = version.before or "absent", version.after or "absent"
        _say(console, f"{version.side}: {version.name} {old} → {new}")


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, style="dim")
