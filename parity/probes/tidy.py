"""A fit's estimates as a frame."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    found = bm.tidy(fit, inputs["effects"], ddf=None, conf_int=True, conf_level=inputs["level"])
    labels = [name for name in ("effect", "group", "level", "term") if name in found]
    texts = found.reindex(columns=["effect", "group", "level", "term"]).astype(object)
    texts = texts.where(texts.notna(), "").astype(str)
    numbers = found.drop(columns=labels).dropna(axis="columns", how="all").astype(float)
    return Value.of(numbers.set_axis(texts.agg("|".join, axis=1)))


PROBE = Probe(
    name="tidy",
    what="tidy frames",
    package="broom.mixed",
    r="tidy(m, effects, conf.int = TRUE, conf.level)",
    python="tidy(fit, effects, ddf=None, conf_int=True, conf_level=...)",
    compute=_compute,
    record="beside",
)
