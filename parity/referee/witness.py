"""Witnesses of a trial: R's rows, and how far R itself gets. Asked only where they are needed."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from parity.cases import Case, Model
from parity.errors import EvidenceError, OracleError
from parity.oracles import Answer
from parity.oracles.answer import points_input
from parity.referee.candidate import candidate_rows
from parity.referee.cross_products import CrossProducts, cross_products
from parity.referee.rows import WHOLE, Rows, rows_of
from parity.referee.tightened import SECONDS, Tightened, tightened_of
from parity.trial import Trial

Array = NDArray[np.float64]


def witness_cases(model: Model, whole: int = WHOLE) -> tuple[Case, Case]:
    """Return the questions whose answers are witnesses of a model, for whoever keeps answers.

    Parameters
    ----------
    whole
        R sends its rows up to so many numbers; more are named by their digest. With 0 nobody can
        read the data out of what is kept.
    """
    return (
        Case(
            id=f"{model.id}/fifty_digits",
            requirement="referee.fifty_digits",
            quantity="fifty_digits",
            tolerance="fifty_digits",
            model=model,
            inputs={"whole": whole},
        ),
        Case(
            id=f"{model.id}/tightened",
            requirement="referee.tightened",
            quantity="tightened",
            tolerance="optimum_tight",
            model=model,
            inputs={"seconds": SECONDS},
        ),
    )


def hear_rows(trial: Trial, seed: int | None = None) -> CrossProducts:
    """Return the rows that R fits, as the 50-digit arithmetic takes them.

    Parameters
    ----------
    seed
        Moves the data by half a unit of their last place, see `cross_products`.

    Raises
    ------
    EvidenceError
        They cannot be had; the message says why.
    """
    answer = trial.answer if trial.probe.name == "fifty_digits" else _kept_rows(trial)
    return cross_products(_rows(trial, answer), seed)


def hear_tightened(trial: Trial, ours: Array) -> Tightened:
    """Return what R reaches from its own answer, from lme4's start and, live, from our point.

    Raises
    ------
    EvidenceError
        R cannot be asked, and it has not been recorded.
    """
    case = witness_cases(_model(trial))[1]
    if trial.answer.oracle == "live":
        case = replace(case, inputs={**case.inputs, "starts": points_input([ours])["points"]})
    answer = _ask(trial, case)
    try:
        return tightened_of(answer.value, answer.evidence)
    except KeyError as error:
        raise EvidenceError(f"R's answer lacks {error}") from error


def _kept_rows(trial: Trial) -> Answer:
    """Ask for R's rows; a user's reference names them by their digest only."""
    try:
        return _ask(trial, witness_cases(_model(trial))[0])
    except EvidenceError:
        if trial.answer.oracle == "live":
            raise
        return _ask(trial, witness_cases(_model(trial), whole=0)[0])


def _rows(trial: Trial, answer: Answer) -> Rows:
    model, frame = _model(trial), trial.frame
    assert frame is not None
    try:
        return rows_of(answer.evidence, candidate_rows(model, frame))
    except KeyError as error:
        raise EvidenceError(f"R's answer lacks {error}") from error
    except EvidenceError:
        if answer.oracle != "live":
            raise
        whole = _ask(trial, replace(witness_cases(model)[0], inputs={"whole": 10**9}))
        return rows_of(whole.evidence, candidate_rows(model, frame))


def _model(trial: Trial) -> Model:
    if trial.case.model is None:
        raise EvidenceError("the case has no model")
    return trial.case.model


def _ask(trial: Trial, case: Case) -> Answer:
    """Ask the oracle another question about the trial's model."""
    try:
        return trial.oracle.answer(case)
    except OracleError as error:
        raise EvidenceError(str(error)) from error
