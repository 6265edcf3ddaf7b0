"""Bad data and arguments: an error of ours that names what is wrong and what to do."""

import warnings

import numpy as np
import pandas as pd
import pytest

from pybootmlm.design import DesignChecks, build_design
from pybootmlm.exceptions import (
    ArgumentError,
    DataError,
    ModelError,
    PybootmlmWarning,
    RankDeficiencyWarning,
)

N = 12


@pytest.fixture
def data():
    row = np.arange(N)
    return pd.DataFrame(
        {
            "y": row**1.1,
            "x": row * 1.0,
            "g": list("aabbccddeeff"),
            "one": "k",
            "row": row,
            "txt": list("pqrpqrpqrpqr"),
        }
    )


def error_of(data, formula="y ~ x + (1 | g)", **arguments):
    with pytest.raises((DataError, ModelError, ArgumentError)) as caught:
        build_design(formula, data, **arguments)
    return caught.value


class TestColumns:
    def test_unknown_column_and_what_may_be_meant(self, data):
        error = error_of(data, "y ~ X + (1 | g)")
        assert isinstance(error, DataError)
        assert "no column `X`: did you mean `x`?" in str(error)
        assert "y, x, g, one, row, txt" in str(error)

    def test_unknown_grouping_column(self, data):
        assert "no column `h`" in str(error_of(data, "y ~ (1 | h)"))

    def test_duplicated_column(self, data):
        twice = pd.concat([data, data[["x"]]], axis=1)
        assert "column `x` occurs 2 times" in str(error_of(twice))
        assert build_design("y ~ (1 | g)", twice).X.shape == (N, 1)  # x is not used

    @pytest.mark.parametrize("wrong", [None, {"y": [1.0]}, np.zeros((3, 2)), "data.csv"])
    def test_not_a_data_frame(self, wrong):
        assert "`data` must be a pandas DataFrame" in str(error_of(wrong))

    def test_frames_of_other_libraries_say_how_they_become_one_of_pandas(self, data):
        # A stand-in for Polars' frame, which is no dependency.
        frame = type("DataFrame", (), {"to_pandas": lambda _: data})
        frame.__module__ = "polars.dataframe.frame"
        message = str(error_of(frame()))
        assert "got a DataFrame of polars. give `data.to_pandas()`" in message

    def test_no_rows(self, data):
        assert "no rows" in str(error_of(data.iloc[:0]))

    def test_text_where_numbers_are_needed(self, data):
        assert "`txt` is categorical, but `log()`" in str(error_of(data, "y ~ log(txt) + (1 | g)"))

    @pytest.mark.parametrize("column", ["date", "mixed", "complex"])
    def test_dtypes_without_meaning(self, data, column):
        data["date"] = pd.date_range("2020-01-01", periods=N)
        data["mixed"] = [1, "a"] * 6
        data["complex"] = 1j
        assert f"column `{column}` holds" in str(error_of(data, f"y ~ {column} + (1 | g)"))

    def test_factor_without_contrasts(self, data):
        error = error_of(data, "y ~ one + (1 | g)")
        assert isinstance(error, ModelError)
        assert "`one` has only 1 level" in str(error)

    @pytest.mark.parametrize("unit", [1e-200, 1e200])
    def test_poly_of_numbers_whose_powers_leave_the_range(self, data, unit):
        data["x"] *= unit
        assert "measure it in other units" in str(error_of(data, "y ~ poly(x, 2) + (1 | g)"))

    def test_poly_beyond_the_distinct_values(self, data):
        assert "`x` has 12" in str(error_of(data, "y ~ poly(x, 12) + (1 | g)"))

    def test_poly_with_missing_values(self, data):
        data.loc[3, "x"] = np.nan
        assert "`x` has missing values inside poly()" in str(
            error_of(data, "y ~ poly(x, 2) + (1 | g)")
        )


class TestResponse:
    def test_not_numeric(self, data):
        assert "the response `txt` must be numeric" in str(error_of(data, "txt ~ (1 | g)"))

    def test_infinite(self, data):
        data.loc[[2, 5], "y"] = np.inf
        assert "the response `y` is infinite in 2 rows (first: 2, 5)" in str(error_of(data))

    def test_infinite_after_transformation(self, data):
        assert "the response `log(y)` is infinite in 1 row" in str(
            error_of(data, "log(y) ~ (1 | g)")
        )

    def test_all_missing(self, data):
        assert "`y` is missing in every row" in str(error_of(data.assign(y=np.nan)))

    def test_constant(self, data):
        constant = data.assign(y=3.0)
        error = error_of(constant)
        assert isinstance(error, ModelError)
        assert "the response is constant (3" in str(error)
        build_design("y ~ (1 | g)", constant, control=DesignChecks(response_varies="ignore"))

    def test_logical_counts_as_numbers(self, data):
        design = build_design("b ~ (1 | g)", data.assign(b=data.x > 4))
        np.testing.assert_array_equal(design.y, (data.x > 4).astype(float))

    def test_infinite_predictor(self, data):
        assert "`I(1/x)` is infinite in 1 row (first: 0)" in str(
            error_of(data, "y ~ I(1 / x) + (1 | g)")
        )


class TestMissing:
    def test_rows_are_dropped_over_all_variables_and_remembered(self, data):
        labelled = data.set_index(pd.Index([f"r{i}" for i in range(N)]))
        labelled.iloc[0, labelled.columns.get_loc("y")] = np.nan
        labelled.iloc[2, labelled.columns.get_loc("x")] = np.nan
        labelled.iloc[5, labelled.columns.get_loc("g")] = None
        weights = np.ones(N)
        weights[7] = np.nan
        offset = pd.Series(0.5, index=labelled.index)
        offset.iloc[9] = np.nan
        design = build_design(
            "y ~ x + (1 | g)", labelled, weights=weights, offset=offset, na_action="exclude"
        )
        assert design.kept.tolist() == [1, 3, 4, 6, 8, 10, 11]
        assert design.index.tolist() == ["r1", "r3", "r4", "r6", "r8", "r10", "r11"]
        assert (design.n_total, design.na_action) == (N, "exclude")
        assert design.frame.index.equals(design.index)
        assert {len(design.y), len(design.X), len(design.weights), len(design.offset)} == {7}

    def test_fail(self, data):
        data.loc[[1, 4], "x"] = np.nan
        error = error_of(data, na_action="fail")
        assert "`x` in 2 rows; the first rows are 1, 4" in str(error)

    def test_no_complete_row(self, data):
        halves = data.assign(
            y=np.where(data.row < 6, np.nan, data.y), x=np.where(data.row >= 6, np.nan, data.x)
        )
        assert "no row is complete: missing are `y` in 6 rows, `x` in 6 rows" in str(
            error_of(halves)
        )

    def test_unknown_action(self, data):
        error = error_of(data, na_action="drop")
        assert isinstance(error, ArgumentError)
        assert "`na_action` must be one of 'omit', 'exclude', 'fail'; got 'drop'" in str(error)

    def test_undefined_values_are_dropped_with_a_warning_as_in_r(self, data):
        with pytest.warns(PybootmlmWarning, match=r"`sqrt\(x - 3\)` is not defined in 3 rows"):
            design = build_design("y ~ sqrt(x - 3) + (1 | g)", data)
        assert design.kept.tolist() == list(range(3, N))

    def test_a_level_that_only_dropped_rows_had_is_gone(self, data):
        data.loc[:1, "x"] = np.nan
        design = build_design("y ~ x + (1 | g)", data)
        assert design.factors[0].levels == tuple("bcdef")


class TestWeightsAndOffset:
    @pytest.mark.parametrize("argument", ["weights", "offset"])
    def test_a_name_an_array_and_a_series_are_the_same(self, data, argument):
        data["w"] = np.arange(1.0, N + 1)
        designs = [
            build_design("y ~ (1 | g)", data, **{argument: given})
            for given in ("w", data["w"], data["w"].to_numpy(), data["w"].tolist())
        ]
        for design in designs:
            np.testing.assert_array_equal(getattr(design, argument), data["w"])
        assert list(designs[0].frame.columns) == ["y", "g", "w"]

    @pytest.mark.parametrize("value", [0.0, -1.5, np.inf])
    def test_weights_must_be_positive_and_finite(self, data, value):
        weights = np.ones(N)
        weights[[3, 7]] = value
        assert f"row 3 ({value:g}), 7 ({value:g})" in str(error_of(data, weights=weights))

    @pytest.mark.parametrize("argument", ["weights", "offset"])
    @pytest.mark.parametrize("wrong", [[1.0, 2.0], 1.0, np.ones((N, 1)), np.ones(N + 1)])
    def test_wrong_length(self, data, argument, wrong):
        assert f"`{argument}` must have one number for each of the 12 rows" in str(
            error_of(data, **{argument: wrong})
        )

    @pytest.mark.parametrize("argument", ["weights", "offset"])
    def test_not_a_column_not_numeric_not_aligned(self, data, argument):
        assert "names the column `zz`" in str(error_of(data, **{argument: "zz"}))
        assert "must be numeric" in str(error_of(data, **{argument: "txt"}))
        other = pd.Series(np.ones(N), index=range(1, N + 1))
        assert f"the index of `{argument}` differs" in str(error_of(data, **{argument: other}))

    def test_infinite_offset(self, data):
        assert "the offset is infinite in 12 rows" in str(
            error_of(data, offset=np.full(N, -np.inf))
        )

    def test_offsets_add_up(self, data):
        design = build_design("y ~ offset(2 * x) + (1 | g) + offset(x^2)", data, offset="row")
        np.testing.assert_allclose(design.offset, 2 * data.x + data.x**2 + data.row, rtol=1e-15)


class TestIdentifiability:
    def test_one_level(self, data):
        error = error_of(data, "y ~ (1 | one)")
        assert isinstance(error, ModelError)
        assert "`one` has only one level" in str(error)

    def test_as_many_levels_as_rows(self, data):
        error = error_of(data, "y ~ (1 | row)")
        assert "`row` has 12 levels for 12 rows" in str(error)

    def test_as_many_effects_as_rows(self, data):
        error = error_of(data, "y ~ (x | g)")
        assert "((Intercept), x | g) has 12 random effects for 12 rows" in str(error)

    def test_effects_of_all_terms_span_the_data(self, data):
        error = error_of(data, "y ~ (1 | g) + (0 + x | g) + (1 | txt)")
        assert "span 12 dimensions for 12 rows" in str(error)

    def test_a_check_can_be_a_warning_or_nothing(self, data):
        with pytest.warns(PybootmlmWarning, match="12 random effects"):
            build_design(
                "y ~ (x | g)",
                data,
                control=DesignChecks(rows_above_effects="warning", rows_above_rank="ignore"),
            )
        with pytest.raises(ArgumentError, match="`rows_above_rank` must be one of"):
            DesignChecks(rows_above_rank="no")


class TestContrasts:
    def test_names_and_shapes(self, data):
        for given, message in [
            ({"q": "contr.sum"}, "names q; the categorical variables of the fixed effects are txt"),
            ({"txt": "contr.summ"}, "must be one of 'contr.treatment'"),
            ({"txt": np.ones((2, 2))}, "shape (3, 2), a row for each of p, q, r"),
            ({"txt": np.ones((3, 2))}, "singular"),
            ({"txt": [["a", "b"]] * 3}, "matrix of numbers"),
            ("contr.sum", "must be a dict"),
        ]:
            error = error_of(data, "y ~ txt + (1 | g)", contrasts=given)
            assert isinstance(error, ArgumentError)
            assert message in str(error)

    def test_a_numeric_variable_has_none(self, data):
        assert "names x" in str(error_of(data, contrasts={"x": "contr.sum"}))


class TestRank:
    def test_dropped_columns_are_counted_and_named(self, data):
        with pytest.warns(RankDeficiencyWarning, match=r"3 columns but rank 2: .*I\(2 \* x\)"):
            design = build_design("y ~ x + I(2 * x) + (1 | g)", data)
        assert design.dropped == ("I(2 * x)",)
        assert design.fixed_names == ("(Intercept)", "x")

    def test_nothing_is_said_of_a_full_rank(self, data):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert build_design("y ~ x + I(x^2) + (1 | g)", data).dropped == ()
