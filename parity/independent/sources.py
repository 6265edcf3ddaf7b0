"""Which quantity is answered by which independent source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from parity.cases import Case, Model
from parity.errors import CaseError
from parity.independent.anova import variance_components
from parity.independent.nist import AnovaTable, certified, exact
from parity.independent.textbook import textbook
from parity.values import Value


@dataclass(frozen=True)
class Reference:
    """An answer, and whose it is.

    Attributes
    ----------
    oracle
        "certified", "textbook" or another short name of the source.
    source
        The source in full.
    """

    value: Value
    oracle: str
    source: str


def _from_anova(
    oracle: str, table_of: Callable[[str], AnovaTable]
) -> Callable[[Case, pd.DataFrame], Reference]:
    def answer(case: Case, _frame: pd.DataFrame) -> Reference:
        model = _model(case)
        table = table_of(model.data)
        return Reference(
            Value.of(variance_components(table, model.reml)), oracle, f"{table.source}; closed form"
        )

    return answer


def _from_textbook(case: Case, frame: pd.DataFrame) -> Reference:
    value = textbook(_model(case), frame, case.inputs)
    return Reference(value, "textbook", "dense matrix algebra, V formed and inverted")


def _model(case: Case) -> Model:
    if case.model is None:
        message = f"case '{case.id}' asks for '{case.quantity}', which needs a model"
        raise CaseError(message)
    return case.model


SOURCES: Mapping[str, Callable[[Case, pd.DataFrame], Reference]] = {
    "anova_certified": _from_anova("certified", certified),
    "anova_exact": _from_anova("exact", exact),
    "textbook": _from_textbook,
}
