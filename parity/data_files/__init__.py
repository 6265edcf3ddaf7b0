"""A user's data file as a pandas data frame, factors and missing values as they were."""

from parity.data_files.levels import with_levels
from parity.data_files.read import read_data

__all__ = ["read_data", "with_levels"]
