"""The files of ``r_reference`` that a session loads, in their order."""

SOURCES = (
    "encode", "data", "formula", "models", "environment", "lme4", "bootmlm", "influence",
    "statistic", "streams", "resampling", "bootstrap", "intervals", "referee", "answer", "selftest",
)  # fmt: skip
