"""Numbers and names as R writes them, against R's own format(), abbreviate() and round().

`formats.json` was made by formats.R beside it and names its version of R. Equality is of text.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pybootmlm.formats import abbreviate, format_common, pad_left, round_as_r

HERE = Path(__file__).parent
RECORD = json.loads((HERE / "formats.json").read_text(encoding="utf-8"))
Cases = dict[str, list[dict[str, Any]]]


def differences(record: Cases) -> list[tuple[object, list[str]]]:
    """Every case that we write otherwise than R."""
    found: list[tuple[object, list[str]]] = []
    for case in record["format"]:
        numbers = [float(x) for x in case["x"]]
        ours = pad_left(format_common(numbers, case["digits"], case["nsmall"]))
        if ours != case["text"]:
            found.append((case, ours))
    for case in record["abbreviate"]:
        ours = abbreviate(case["names"], case["minlength"])
        if ours != case["short"]:
            found.append((case, ours))
    for case in record["round"]:
        rounded = round_as_r([float(x) for x in case["x"]], case["digits"])
        # The nearest doubles to the decimals, on both sides.
        if rounded.tolist() != [float(x) for x in case["rounded"]]:
            found.append((case, [str(x) for x in rounded]))
    return found


def test_against_recorded_r():
    assert differences(RECORD) == []


def test_the_record_is_large_and_says_where_it_is_from():
    assert len(RECORD["format"]) >= 500
    assert len(RECORD["abbreviate"]) >= 200
    assert RECORD["provenance"]["R"].startswith("R version")
    assert RECORD["provenance"]["script"] == "formats.R"


@pytest.mark.live_r
def test_against_live_r(tmp_path: Path):
    target = tmp_path / "formats.json"
    command = ["Rscript", str(HERE / "formats.R"), str(target)]
    subprocess.run(command, capture_output=True, check=True)
    assert differences(json.loads(target.read_text(encoding="utf-8"))) == []


def test_control_another_text_is_seen():
    case = {"x": ["1.5", "100"], "digits": 3, "nsmall": 0, "text": ["  1.5", "100.0"]}
    name = {"names": ["temperature"], "minlength": 6, "short": ["tmprtr"]}
    number = {"x": ["0.15"], "digits": 1, "rounded": ["0.10000000000000001"]}
    right: Cases = {"format": [case], "abbreviate": [name], "round": [number]}
    assert differences(right) == []
    wrong: Cases = {
        "format": [case | {"text": ["1.5", "100.0"]}],
        "abbreviate": [name | {"short": ["tmprtre"]}],
        "round": [number | {"rounded": ["0.20000000000000001"]}],
    }
    assert len(differences(wrong)) == 3


@pytest.mark.parametrize(
    ("values", "digits", "text"),
    [
        ([], 4, []),
        ([np.nan, np.inf, -np.inf], 4, ["NaN", "Inf", "-Inf"]),
        ([-0.0], 4, ["0"]),
        ([1e5], 4, ["1e+05"]),
        ([123456.0], 4, ["123456"]),
        ([np.nan, 2.5], 4, ["NaN", "2.5"]),
    ],
)
def test_edges(values: list[float], digits: int, text: list[str]):
    assert format_common(values, digits) == text


def test_abbreviations_are_unique_even_of_long_relatives():
    names = [f"intervention{i}:centre{j}" for i in range(4) for j in range(4)]
    short = abbreviate(names, 6)
    assert len(set(short)) == len(names)
