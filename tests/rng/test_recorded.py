"""Against values recorded from R: these run where there is no R."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from pybootmlm.rng import RStream

RECORDED = json.loads(Path(__file__).with_name("recorded.json").read_text(encoding="utf-8"))

TIES = [2, 1, 2, 1, 2]
OURS: dict[str, Callable[[RStream], ArrayLike]] = {
    "seed": lambda s: s.random_seed[:6],
    "runif": lambda s: s.runif(5),
    "rnorm": lambda s: s.rnorm(8),
    "rnorm recycled": lambda s: s.rnorm(5, [1, 2], [0, 3]),
    "rexp": lambda s: s.rexp(6, 2),
    "rgamma": lambda s: s.rgamma(6, 2.5, 3),
    "rgamma small": lambda s: s.rgamma(6, 0.4),
    "rchisq": lambda s: s.rchisq(6, 4),
    "rbinom": lambda s: s.rbinom(8, 10, 0.3),
    "rbinom btpe": lambda s: s.rbinom(8, 1000, 0.7),
    "sample 10": lambda s: s.sample_int(10),
    "sample 65537": lambda s: s.sample_int(65537, 6, replace=True),
    "sample 1e10": lambda s: s.sample_int(10**10, 6, replace=True),
    "sample hashed": lambda s: s.sample_int(20_000_000, 6),
    "sample ties": lambda s: s.sample_int(5, 12, replace=True, prob=TIES),
    "sample ties out": lambda s: s.sample_int(5, 5, prob=TIES),
    "sample alias": lambda s: s.sample_int(300, 8, replace=True, prob=np.arange(1, 301)),
    "next stream": lambda s: s.next_stream().random_seed,
    "next substream": lambda s: s.next_substream().random_seed,
}


def _id(case: dict[str, Any]) -> str:
    return "-".join([case["name"], str(case["seed"]), case["kind"], case["sample_kind"]])


@pytest.mark.parametrize("case", RECORDED["cases"], ids=_id)
def test_equals_recorded_r(case: dict[str, Any]) -> None:
    """Bit for bit: no tolerance, since R's arithmetic is reproduced operation by operation."""
    stream = RStream(case["seed"], case["kind"], sample_kind=case["sample_kind"])
    expected = [float.fromhex(value) for value in case["values"]]
    assert np.asarray(OURS[case["name"]](stream), dtype=float).tolist() == expected


def test_every_kind_of_draw_is_recorded() -> None:
    assert {case["name"] for case in RECORDED["cases"]} == set(OURS)


def test_negative_control_wrong_scale_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scaling by 1 / (2^32 - 1), as several ports do, is within 1e-9 of R and must still fail."""
    monkeypatch.setattr("pybootmlm.rng.mersenne.SCALE", 1.0 / (2.0**32 - 1.0))
    cases = [c for c in RECORDED["cases"] if c["name"] == "runif" and c["kind"].startswith("M")]
    assert cases
    for case in cases:
        expected = [float.fromhex(value) for value in case["values"]]
        wrong = RStream(case["seed"]).runif(5)
        np.testing.assert_allclose(wrong, expected, rtol=0, atol=1e-9)
        with pytest.raises(AssertionError):
            test_equals_recorded_r(case)
