"""Rescaled effects of a singular fit: their second moments are the model's there too."""

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import SingularFitWarning
from pybootmlm.resampling.residual_cgr import ResidualCGR


def test_a_slope_tied_to_the_intercept_keeps_the_model_s_covariance():
    """Against theory: rescaling makes the centred second moment sigma^2 Lambda Lambda'."""
    with pytest.warns(SingularFitWarning):
        fit = bm.lmer("popular ~ sex + texp + (sex | school)", bm.load_dataset("pop_syn"))
    Lambda = np.array([[fit.theta[0], 0.0], [fit.theta[1], fit.theta[2]]])
    assert fit.theta[2] == 0
    assert abs(fit.theta[1]) > 0.01
    (pool,) = ResidualCGR().plan(fit).effects
    moments = np.cov(pool, bias=True)
    np.testing.assert_allclose(moments, fit.sigma**2 * Lambda @ Lambda.T, rtol=1e-9)
