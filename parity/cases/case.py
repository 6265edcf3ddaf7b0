"""A model and a case: frozen values that say everything a comparison needs."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Model:
    """A data set and a formula, fitted by REML or by ML.

    Attributes
    ----------
    id
        Short name with the method, ``sleepstudy-slope/REML``.
    columns
        Columns that the data do not have, in the arithmetic of formulas: ``"log(x) / 2"``.
    cluster
        Column with the clusters of a two-level model, for what deletes clusters.
    control
        "tight" makes lme4 stop at 1e-10 instead of 1e-6.
    na_action
        "exclude" keeps the place of rows with missing values; "omit" is the default.
    """

    id: str
    data: str
    formula: str
    reml: bool
    tags: frozenset[str] = frozenset()
    weights: str | None = None
    offset: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    cluster: str | None = None
    control: str | None = None
    na_action: str | None = None

    @property
    def method(self) -> str:
        """Return "REML" or "ML"."""
        return "REML" if self.reml else "ML"

    def request(self) -> dict[str, Any]:
        """Return what R has to know of the model (its data go over apart)."""
        request = {
            "data": self.data_key,
            "formula": self.formula,
            "reml": self.reml,
            "weights": self.weights,
            "offset": self.offset,
            "control": self.control,
        }
        # Questions that were recorded before there was this one stay the same questions.
        return request if self.na_action is None else {**request, "na_action": self.na_action}

    @property
    def data_key(self) -> str:
        """Name under which these data, derived columns included, are sent to R."""
        derived = "".join(f"; {name} = {text}" for name, text in self.columns.items())
        return self.data + derived


@dataclass(frozen=True)
class Case:
    """One quantity of one model, to be compared under one tolerance.

    Attributes
    ----------
    model
        None for a quantity of numbers alone.
    inputs
        What the quantity takes: a level, points, names of statistics.
    """

    id: str
    requirement: str
    quantity: str
    tolerance: str
    model: Model | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        """Return the question as it is put to R, which is not told what Python's function is."""
        inputs = {name: x for name, x in self.inputs.items() if name != "python_statistic"}
        return {
            "model": None if self.model is None else self.model.request(),
            "quantity": self.quantity,
            "inputs": inputs,
        }

    @property
    def digest(self) -> str:
        """Fingerprint of the question, so that an answer to another one is never used."""
        text = json.dumps(self.request(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]
