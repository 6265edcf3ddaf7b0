"""The files of ``r_reference`` that a session loads, in their order."""

SOURCES = (
    "encode", "data", "formula", "models", "environment", "installation", "lme4", "bootmlm",
    "influence", "statistic", "streams", "resampling", "bootstrap", "intervals", "referee",
    "methods", "new_rows", "refitted", "profiles", "at_theta", "structures",
    "hypothesis", "ratios", "delta", "simulated", "tidy",
    "mermod", "boot_object", "answer", "selftest",
)  # fmt: skip
