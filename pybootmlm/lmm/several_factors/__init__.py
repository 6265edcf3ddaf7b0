"""The criterion of models with several grouping factors, crossed or nested."""
