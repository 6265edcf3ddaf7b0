"""Where lme4 answers otherwise, beside what the tests of each method show.

`faults.json` was made by faults.R beside it, and names its versions; 1.1-37 answers the same. If a
new lme4 does not, the live test fails, and docs/coming_from_r.md has to be changed.
"""

import json
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import pybootmlm as bm

HERE = Path(__file__).parent
RECORD = json.loads((HERE / "faults.json").read_text(encoding="utf-8"))


def check(record: dict[str, Any], make: ModuleType) -> None:
    data = make.prepared("sleep+").assign(week=lambda d: d["Days"] // 5)
    found, first, both = (make.floats(record["coef"][n]) for n in ("found", "first", "both"))
    np.testing.assert_allclose(found, 2 * first)
    assert np.abs(found - both).max() > 1

    shifted = bm.lmer("Reaction ~ Days + (1 | Subject)", data, offset="off")
    gap, offset = (make.floats(record["offset"][name]) for name in ("gap", "offset"))
    np.testing.assert_allclose(gap, -offset, atol=1e-8)
    np.testing.assert_allclose(shifted.predict(data), shifted.fitted, rtol=1e-12)

    assert record["influence"]["sets"] == record["influence"]["rows"] == 180
    fit = bm.lmer("Reaction ~ Days + (1 | Subject)", data)
    assert len(fit.influence(["sex", "week"]).messages) == 4

    assert record["dfbetas"] == "non-conformable arrays"
    mean_only = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    deleted = mean_only.influence("Batch")
    errors = np.sqrt(deleted.vcov_without[:, 0, 0])
    np.testing.assert_allclose(
        deleted.dfbetas.iloc[:, 0], deleted.dfbeta().iloc[:, 0] / errors, rtol=1e-14
    )


def test_recorded(make: ModuleType):
    check(RECORD, make)


@pytest.mark.live_r
def test_live(make: ModuleType, tmp_path: Path):
    target = tmp_path / "faults.json"
    subprocess.run(
        ["Rscript", str(HERE / "faults.R"), str(target)], capture_output=True, check=True
    )
    check(json.loads(target.read_text(encoding="utf-8")), make)
