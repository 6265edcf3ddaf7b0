"""Tests of hypotheses: fixed effects with small-sample degrees of freedom, variance components."""

# Loaded with the layer, so that `fit.summary(ddf=...)` and `fit.anova(ddf=...)` are there.
from pybootmlm.hypothesis.of_a_fit import coefficient_frame

__all__ = ["coefficient_frame"]
