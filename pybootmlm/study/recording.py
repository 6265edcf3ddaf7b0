"""A study and its checkpoint."""

from collections.abc import Iterator

import numpy as np

from pybootmlm.exceptions import DataError
from pybootmlm.execution.checkpoint import Checkpoint
from pybootmlm.execution.identity import digest_of, function_identity, versions
from pybootmlm.study.replication import Coverage, Intervals, Problems, shape_of


def identity_of(work: Coverage, datasets: int) -> dict[str, str]:
    """What the intervals depend on, each in a few words that a message can quote."""
    settings, designs = work.settings, work.designs
    statistics = [f"{d.formula} {function_identity(d.statistic)} {dict(d.truth)}" for d in designs]
    return {
        "run": "a study of coverage",
        "designs": f"{len(designs)}, {digest_of(*map(repr, designs))}",
        "models and statistics": digest_of(*statistics),
        "bootstraps": ", ".join(map(repr, settings.schemes)),
        "intervals": f"{', '.join(settings.intervals)} at level {settings.level}",
        "criterion": "REML" if settings.reml else "ML",
        "datasets": str(datasets),
        "nsim": str(settings.nsim),
        "seed": str(settings.seed),
        "versions": versions(),
    }


def finished_in(checkpoint: Checkpoint, work: Coverage, datasets: int) -> Iterator[Intervals]:
    """What the file holds.

    Raises
    ------
    DataError
        A record is not one of this study.
    """
    for arrays, facts in checkpoint.records():
        try:
            found = Intervals(
                int(facts["design"]),
                int(facts["first"]),
                arrays["limits"],
                Problems({str(text): int(times) for text, times in facts["problems"]}),
            )
            shape = shape_of(work.designs[found.design], work.settings)
            if found.limits.dtype != np.float64 or found.limits.shape[1:] != shape:
                raise ValueError(f"limits are {found.limits.dtype} {found.limits.shape}")
            if not 0 <= found.first <= datasets - len(found.limits):
                raise ValueError(f"data sets from {found.first}")
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise DataError(
                f"{str(checkpoint.path)!r} holds a record that is no part of this study "
                f"({type(error).__name__}: {error}). Delete the file and start again."
            ) from error
        yield found


def append(checkpoint: Checkpoint, found: Intervals) -> None:
    """Add what is finished."""
    if len(found.limits):
        facts = {
            "design": found.design,
            "first": found.first,
            "problems": list(found.problems.items()),
        }
        checkpoint.append({"limits": found.limits}, facts)
