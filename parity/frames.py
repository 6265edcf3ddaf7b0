"""The data of models: packaged sets by their names, and a caller's own beside them."""

from collections.abc import Mapping

import pandas as pd

from parity.cases import Model
from parity.derived import derived
from parity.errors import CaseError
from parity.independent.nist import is_nist, nist_frame
from pybootmlm.datasets import list_datasets, load_dataset


class Frames:
    """Data frames by the names that models give them, each built once.

    Parameters
    ----------
    own
        Frames of the caller, by name. None may have the name of a packaged data set.
    """

    def __init__(self, own: Mapping[str, pd.DataFrame] | None = None) -> None:
        self._own = {} if own is None else dict(own)
        self._built: dict[str, pd.DataFrame] = {}
        taken = sorted(set(self._own) & set(list_datasets()))
        if taken:
            message = (
                f"data may not be named like a packaged data set, but {', '.join(taken)} is one; "
                "choose another name"
            )
            raise CaseError(message)

    def of(self, model: Model) -> pd.DataFrame:
        """Return the data of a model, with the columns that it derives."""
        if model.data_key not in self._built:
            frame = self._load(model.data)
            for name, expression in model.columns.items():
                frame[name] = derived(frame, name, expression)
            self._built[model.data_key] = frame
        return self._built[model.data_key]

    def _load(self, name: str) -> pd.DataFrame:
        if name in self._own:
            return self._own[name].copy()
        if is_nist(name):
            return nist_frame(name)
        return load_dataset(name)
