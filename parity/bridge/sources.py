"""The files of ``r_reference`` that a session loads, in their order."""

SOURCES = (
    "encode", "data", "formula", "models", "environment", "installation", "lme4", "bootmlm",
    "influence", "statistic", "streams", "resampling", "bootstrap", "intervals", "referee",
    "at_theta", "mermod", "boot_object", "hypothesis", "ratios", "delta", "simulated", "tidy",
    "answer", "selftest",
)  # fmt: skip
