"""A bootstrap and its checkpoint: which run it is, and its chunks as records."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from pybootmlm.bootstrap.batch import Finished
from pybootmlm.exceptions import ArgumentError, DataError
from pybootmlm.execution.checkpoint import Checkpoint
from pybootmlm.execution.identity import (
    digest_of,
    function_identity,
    generator_identity,
    versions,
)
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.statistic import Statistic
from pybootmlm.resampling.scheme import Scheme
from pybootmlm.rng.draws import NumpySource, RSource, Source

SEED = "seed"


class Record(Protocol):
    """Where finished chunks are kept."""

    def chunks(self) -> Iterator[Finished]:
        """Those of an earlier run, in order."""

    def append(self, chunk: Finished) -> None:
        """Keep the next."""


class InMemory:
    """No file: nothing is kept."""

    def chunks(self) -> Iterator[Finished]:
        """None."""
        return iter(())

    def append(self, chunk: Finished) -> None:
        """Do nothing."""


class InFile:
    """Chunks in a checkpoint.

    Parameters
    ----------
    checkpoint : Checkpoint
    width : int
        Elements of the statistic.
    """

    def __init__(self, checkpoint: Checkpoint, width: int) -> None:
        self.checkpoint = checkpoint
        self.width = width

    def chunks(self) -> Iterator[Finished]:
        """The chunks of the file.

        Raises
        ------
        DataError
            A record is not one of a bootstrap of this statistic.
        """
        for arrays, facts in self.checkpoint.records():
            try:
                yield self._finished(arrays, facts)
            except (KeyError, TypeError, ValueError) as error:
                raise DataError(
                    f"{str(self.checkpoint.path)!r} holds a record that is no part of a bootstrap "
                    f"({type(error).__name__}: {error}). Delete the file and start again."
                ) from error

    def _finished(self, arrays: dict[str, Any], facts: dict[str, Any]) -> Finished:
        t = arrays["t"]
        if t.dtype != np.float64 or t.ndim != 2 or t.shape[1] != self.width:
            raise ValueError(f"t is {t.dtype} of shape {t.shape}")
        return Finished(
            t=t,
            failures={int(b): str(text) for b, text in facts["failures"]},
            singular=int(facts["singular"]),
            not_converged=int(facts["not_converged"]),
            warnings=Counter({str(text): int(times) for text, times in facts["warnings"]}),
        )

    def append(self, chunk: Finished) -> None:
        """Add a chunk; the finished replicates of one that was interrupted count too."""
        if not len(chunk.t):
            return
        facts = {
            "failures": list(chunk.failures.items()),
            "singular": chunk.singular,
            "not_converged": chunk.not_converged,
            "warnings": list(chunk.warnings.items()),
        }
        self.checkpoint.append({"t": chunk.t}, facts)


def identity_of(
    fit: LmerFit,
    scheme: Scheme,
    statistic: Statistic,
    names: list[str],
    t0: np.ndarray,
    nsim: int,
    source: Source,
) -> dict[str, str]:
    """What the replicates depend on, each in a few words that a message can quote."""
    design = fit.design
    groups = [factor.codes for factor in design.factors] + [term.Z for term in design.terms]
    return {
        "run": "a bootstrap",
        "formula": fit.formula,
        "criterion": "REML" if fit.reml else "ML",
        "data": digest_of(design.y, design.X, design.weights, design.offset, *groups),
        "estimates": digest_of(fit.theta, fit.beta),
        "type": repr(scheme),
        "statistic": f"{', '.join(names)} by {function_identity(statistic)}",
        "its value on the fit": digest_of(t0),
        "nsim": str(nsim),
        SEED: seed_identity(source),
        "versions": versions(),
    }


def seed_identity(source: Source) -> str:
    """Where the random numbers start."""
    if isinstance(source, RSource):
        return f"R's stream at {digest_of(source.stream.random_seed)}"
    assert isinstance(source, NumpySource)
    if isinstance(source.rng, np.random.Generator):
        return f"a NumPy Generator at {generator_identity(source.rng)}"
    return str(source.rng)


def seed_in(checkpoint: Checkpoint) -> Source:
    """The source of the file's run, for a caller who gave no seed.

    Raises
    ------
    ArgumentError
        The file's run was given a stream, of which the file has no more than a digest.
    """
    said = checkpoint.identity[SEED]
    if not said.isdecimal():
        raise ArgumentError(
            f"`rng` must be given to go on with {str(checkpoint.path)!r}: its run started from "
            f"{said}."
        )
    return NumpySource(int(said))
