"""Packaged data sets with their provenance, as R has them: factor levels, order, bits."""

from pybootmlm.datasets.load import load_dataset
from pybootmlm.datasets.provenance import (
    Column,
    Provenance,
    dataset_provenance,
    list_datasets,
)

__all__ = ["Column", "Provenance", "dataset_provenance", "list_datasets", "load_dataset"]
