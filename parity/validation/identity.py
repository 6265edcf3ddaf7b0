"""Who made a report, when, where, by which command."""

import getpass
import platform
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version


@dataclass(frozen=True)
class Identity:
    """What tells a report from all others.

    Attributes
    ----------
    report
        Its id.
    started
        Time in UTC.
    prepared_by
        Names; the login name where none is given.
    supersedes
        Id of the report that this one takes the place of; empty if none.
    """

    report: str
    software: str
    started: str
    prepared_by: tuple[str, ...]
    host: str
    command: str
    supersedes: str = ""


def identify(
    started: str, prepared_by: Sequence[str], command: Sequence[str], supersedes: str = ""
) -> Identity:
    """Make an identity; the id is made of version and time."""
    software = version("pybootmlm")
    stamp = started.replace("-", "").replace(":", "")
    return Identity(
        report=f"pybootmlm-{software}-{stamp}",
        software=f"pybootmlm {software}",
        started=started,
        prepared_by=tuple(prepared_by) or (_login(),),
        host=platform.node() or "unknown",
        command=shlex.join(command),
        supersedes=supersedes,
    )


def _login() -> str:
    try:
        return f"{getpass.getuser()} (login name)"
    except (OSError, KeyError):
        return "unknown"
