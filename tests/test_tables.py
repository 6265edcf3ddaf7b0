"""One table, three displays."""

from xml.etree import ElementTree

import pandas as pd
import pytest

from pybootmlm.tables import Table

TABLE = Table(["name", "value"], [["a", "1.5"], ["longer", "-10"], ["", ""]], "lr")


def test_text_is_aligned_without_trailing_blanks():
    assert TABLE.to_text() == "name   value\na        1.5\nlonger   -10\n"


def test_cells_need_not_be_text():
    assert Table(["k"], [[1], [None]], "r").to_text() == "   k\n   1\nNone"


def test_header_without_rows():
    assert Table(["a", "b"], [], "ll").to_text() == "a b"


def test_a_wide_table_goes_on_below_with_its_labels():
    """As R prints a matrix: a column goes below when the line would fill the width."""
    wide = Table(["", "aaaa", "bbbb", "cccc"], [["x", "1", "2", "3"]], "lrrr")
    assert wide.to_text(17, 1) == "  aaaa bbbb cccc\nx    1    2    3"
    assert wide.to_text(16, 1) == "  aaaa bbbb\nx    1    2\n  cccc\nx    3"
    assert wide.to_text(3, 1) == "  aaaa\nx    1\n  bbbb\nx    2\n  cccc\nx    3"


@pytest.mark.parametrize("width", range(1, 40))
def test_no_column_is_lost_at_any_width(width: int):
    table = Table(list("abcdef"), [[f"v{i}" for i in range(6)]], "llllll")
    words = table.to_text(width).split()
    assert sorted(words) == sorted([*"abcdef", *(f"v{i}" for i in range(6))])


def test_html_is_well_formed_and_escapes():
    hostile = Table(["<b>", "a & b"], [["</td><script>", '"x" < 1']], "lr")
    root = ElementTree.fromstring(hostile.to_html())
    assert root.tag == "table"
    assert [cell.text for cell in root.iter("th")] == ["<b>", "a & b"]
    assert [cell.text for cell in root.iter("td")] == ["</td><script>", '"x" < 1']
    assert [cell.get("style") for cell in root.iter("td")] == [
        "text-align:left",
        "text-align:right",
    ]


def test_frame():
    pd.testing.assert_frame_equal(
        TABLE.to_frame(), pd.DataFrame({"name": ["a", "longer", ""], "value": ["1.5", "-10", ""]})
    )


def test_rows_of_another_length_are_refused():
    with pytest.raises(ValueError, match="argument"):
        Table(["a", "b"], [["1"]], "lr").to_text()
