"""A statistic of a user's own, which has its twin in R in the tests that use it."""


def total_variance(fit):
    return {"total": float(fit.sigma**2 * (1 + (fit.theta**2).sum()))}


R_TWIN = 'function(x) c(total = sigma(x)^2 * (1 + sum(getME(x, "theta")^2)))'
