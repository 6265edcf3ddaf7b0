"""Tests of hypotheses: fixed effects with small-sample degrees of freedom, variance components."""
