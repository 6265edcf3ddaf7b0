"""One comparison from beginning to end: cases, two sides, a report."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from parity.cases import Case
from parity.data import data_digest
from parity.deviations import load_deviations
from parity.environment import python_environment, r_environment
from parity.frames import Frames
from parity.implementation import Implementation
from parity.oracles import Oracle
from parity.report import Report
from parity.requirements import load_requirements
from parity.run import Runner
from parity.tolerances import Tolerance, load_tolerances


def compare_cases(
    cases: Sequence[Case],
    implementation: Implementation,
    oracle: Oracle,
    *,
    frames: Frames | None = None,
    tolerances: Mapping[str, Tolerance] | None = None,
    catalogue: Sequence[Case] | None = None,
    watch: Callable[[Case], None] = lambda _case: None,
) -> Report:
    """Ask both sides every case, judge, and gather what a report needs.

    Parameters
    ----------
    frames
        The data of the models; the packaged data sets by default.
    tolerances
        By name; those of the table by default.
    catalogue
        All cases there are, if deviations that concern none of them are to be reported.
    watch
        Sees each case before its turn.
    """
    deviations = load_deviations()
    runner = Runner(
        implementation,
        oracle,
        load_tolerances() if tolerances is None else tolerances,
        deviations,
        Frames() if frames is None else frames,
    )
    started, clock = datetime.now(UTC), time.perf_counter()
    versions = r_environment(oracle.environment())
    results = runner.run(cases, watch)
    known = () if catalogue is None else catalogue
    models = {case.model.data_key: case.model for case in cases if case.model is not None}
    return Report(
        results=results,
        oracle=oracle.name,
        implementation=implementation.name,
        python={**implementation.versions(), **python_environment()},
        r=versions,
        requirements=load_requirements(),
        tolerances=runner.tolerances,
        deviations=deviations,
        started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=time.perf_counter() - clock,
        idle=tuple(
            entry.id
            for entry in deviations
            if known and entry.scopes and not any(entry.concerns(case) for case in known)
        ),
        data={key: data_digest(runner.frames.of(model)) for key, model in models.items()},
    )
