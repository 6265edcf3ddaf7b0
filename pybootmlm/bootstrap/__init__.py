"""Bootstraps of a fit: replicates, their statistics, and what is concluded from them."""

# Loaded with the layer, so that `confint(method="boot")` is there.
from pybootmlm.bootstrap.confint_fit import bootstrap_limits

__all__ = ["bootstrap_limits"]
