"""The columns kept of a deficient matrix are those that R's qr keeps (made by rank.R)."""

import json
from pathlib import Path

import numpy as np
import pytest

from pybootmlm.linalg.rank import independent_columns

RECORD = json.loads(Path(__file__).with_name("rank.json").read_text(encoding="utf-8"))


def matrix(case):
    return np.column_stack([[float(x) for x in column.split()] for column in case["columns"]])


@pytest.mark.parametrize("case", RECORD["cases"])
def test_kept_columns(case):
    kept = [int(k) for k in case["kept"].split()]
    assert independent_columns(matrix(case)).tolist() == kept


def test_the_record_has_deficient_and_full_matrices():
    deficient = [len(case["kept"].split()) < len(case["columns"]) for case in RECORD["cases"]]
    assert 10 < sum(deficient) < len(deficient) - 10


def test_rank_agrees_with_singular_values():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 8))
    kept = independent_columns(X)
    assert kept.tolist() == [0, 1, 2]
    assert np.linalg.matrix_rank(X[:, kept]) == np.linalg.matrix_rank(X) == 3


@pytest.mark.parametrize("shape", [(0, 3), (5, 0), (1, 1)])
def test_small_shapes(shape):
    assert len(independent_columns(np.ones(shape))) == min(shape)
