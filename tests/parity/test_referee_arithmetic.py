"""The referee itself: 50-digit arithmetic against dense algebra, closed forms and R's own answers.

What decides who is right must be right by other evidence than either side's word.
"""

from fractions import Fraction

import mpmath
import numpy as np
import pytest

import pybootmlm as bm
from parity.compare import compare
from parity.errors import EvidenceError
from parity.frames import Frames
from parity.referee.candidate import candidate_rows
from parity.referee.conditioning import condition_of, wobble
from parity.referee.covariance import covariances, on_diagonal, scale_of, theta_of, way_between
from parity.referee.criterion_50_digits import profile
from parity.referee.cross_products import cross_products
from parity.referee.estimates_50_digits import ESTIMATES, estimates
from parity.referee.exact import Exact
from parity.referee.minimum_50_digits import hessian_50_digits, least
from parity.referee.parts import cost, linked
from parity.referee.quantities import computation_of
from parity.referee.rows import Rows, Term, rows_of
from parity.referee.witness import hear_rows, witness_cases
from parity.values import Value

DENSE = mpmath.mp.clone()
DENSE.dps = 50


def small_rows(weighted=False, with_offset=False, crossed=False, seed=3) -> Rows:
    """Twelve rows, three clusters of a random slope, and a crossed factor of two levels."""
    rng = np.random.default_rng(seed)
    n, codes = 12, np.repeat([0, 1, 2], 4)
    z = np.column_stack([np.ones(n), rng.normal(size=n)])
    row = np.repeat(np.arange(n), 2)
    column = (2 * codes[:, None] + [0, 1]).ravel()
    entry, terms = z.ravel(), [Term(1, 2, 3)]
    if crossed:
        row = np.concatenate([row, np.arange(n)])
        column = np.concatenate([column, 6 + np.tile([0, 1], 6)])
        entry = np.concatenate([entry, np.ones(n)])
        terms.append(Term(2, 1, 2))
        order = np.lexsort((column, row))
        row, column, entry = row[order], column[order], entry[order]
    return Rows(
        y=rng.normal(size=n) + 5.0,
        X=np.column_stack([np.ones(n), rng.normal(size=n)]),
        row=row,
        column=column,
        entry=entry,
        terms=tuple(terms),
        weights=rng.uniform(0.5, 2.0, n) if weighted else None,
        offset=rng.normal(size=n) if with_offset else None,
    )


def dense(rows: Rows, theta, reml):
    """Criterion, sigma, beta, from V = Z Lambda Lambda' Z' + W^-1 formed and inverted as it is."""
    mp, (n, p) = DENSE, rows.X.shape
    q = sum(term.size * term.levels for term in rows.terms)
    Z, L = mp.zeros(n, q), mp.zeros(q)
    for i, c, x in zip(rows.row, rows.column, rows.entry, strict=True):
        Z[int(i), int(c)] = mp.mpf(float(x))
    entries, first = list(theta), 0
    for term in rows.terms:
        own = [entries.pop(0) for _ in range(term.entries)]
        for _ in range(term.levels):
            values = iter(own)
            for column in range(term.size):
                for row in range(column, term.size):
                    L[first + row, first + column] = next(values)
            first += term.size
    root = Z * L
    V = root * root.T
    for i in range(n):
        V[i, i] += 1 / mp.mpf(1.0 if rows.weights is None else float(rows.weights[i]))
    offset = [0.0] * n if rows.offset is None else rows.offset.tolist()
    y = mp.matrix([mp.mpf(a) - mp.mpf(b) for a, b in zip(rows.y.tolist(), offset, strict=True)])
    X, Vi = mp.matrix(rows.X.tolist()), V**-1
    XX = X.T * Vi * X
    beta = XX**-1 * (X.T * Vi * y)
    e = y - X * beta
    r2, df = (e.T * Vi * e)[0], n - p if reml else n
    logs = mp.log(mp.det(V)) + (mp.log(mp.det(XX)) if reml else 0)
    criterion = logs + df * (1 + mp.log(2 * mp.pi * r2 / df))
    return [criterion, mp.sqrt(r2 / df), *beta]


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("with_offset", [True, False])
@pytest.mark.parametrize("crossed", [True, False])
def test_against_dense_algebra_in_50_digits(reml, weighted, with_offset, crossed):
    """Another algebra of the same numbers: they may differ by what 50 digits round, no more."""
    rows = small_rows(weighted, with_offset, crossed)
    theta = [0.9, -0.3, 0.4, 0.7][: 4 if crossed else 3]
    at = profile(cross_products(rows), theta, reml)
    expected = dense(rows, theta, reml)
    for ours, theirs in zip(ESTIMATES["fifty_digits"](at), expected, strict=True):
        assert abs(ours - theirs) < DENSE.mpf("1e-44") * (1 + abs(theirs))


def test_a_wrong_weight_is_seen_by_the_dense_algebra():
    """Control: the two algebras do not agree on other data."""
    rows, theta = small_rows(weighted=True), [0.9, -0.3, 0.4]
    other = Rows(**{**vars(rows), "weights": rows.weights * (1 + 1e-15)})
    at = profile(cross_products(rows), theta, reml=True)
    assert abs(at.criterion - dense(other, theta, True)[0]) > 1e-16


def balanced(name):
    """Mean squares of Dyestuff, exactly."""
    frame = bm.load_dataset(name)
    groups = [[Fraction(y) for y in part] for _, part in frame.groupby("Batch")["Yield"]]
    a, n = len(groups), len(groups[0])
    means = [sum(group) / n for group in groups]
    grand = sum(means) / a
    between = n * sum((mean - grand) ** 2 for mean in means) / (a - 1)
    within = sum((y - m) ** 2 for g, m in zip(groups, means, strict=True) for y in g) / (a * n - a)
    return a, n, between, within


@pytest.mark.parametrize("reml", [True, False])
def test_the_minimum_is_the_closed_form_of_a_balanced_layout(reml, case_of):
    """Searle, Casella and McCulloch (1992), sections 3.7 and 3.8, to all 16 digits of a double."""
    a, n, between, within = balanced("Dyestuff")
    share = Fraction(1) if reml else Fraction(a - 1, a)
    square = (share * between - within) / (n * within)
    model = case_of(f"dyestuff/{'REML' if reml else 'ML'}/optimum").model
    products = cross_products(candidate_rows(model, Frames().of(model))())
    near, one = np.array([float(square) ** 0.5 * 1.001]), np.ones(1)
    hessian = hessian_50_digits(products, near.tolist(), reml, one)
    minimum = least(products, near, reml, np.array([[float(hessian[0][0])]]), one)
    assert minimum.theta[0] == pytest.approx(float(square) ** 0.5, rel=2e-16, abs=0)
    assert minimum.criterion < profile(products, near.tolist(), reml).criterion


def test_the_hessian_is_that_of_a_closed_form():
    """One cluster a row, one column: f = sum log(1 + t^2 z^2) + n log(sum y^2 / (1 + t^2 z^2))."""
    mp, n = DENSE, 6
    rng = np.random.default_rng(5)
    y, z = rng.normal(size=n), rng.uniform(0.5, 2.0, n)
    rows = Rows(y, np.zeros((n, 0)), np.arange(n), np.arange(n), z, (Term(1, 1, n),))

    def criterion(t):
        spread = [1 + t**2 * mp.mpf(x) ** 2 for x in z.tolist()]
        r2 = sum(mp.mpf(v) ** 2 / s for v, s in zip(y.tolist(), spread, strict=True))
        return sum(map(mp.log, spread)) + n * (1 + mp.log(2 * mp.pi * r2 / n))

    at = mp.mpf(0.75)
    exact = mp.diff(criterion, at, 2)
    found = hessian_50_digits(cross_products(rows), [0.75], False, np.ones(1))[0][0]
    assert abs(found - exact) < 1e-18 * abs(exact)


@pytest.mark.parametrize(
    "model",
    [
        "dyestuff/REML", "sleepstudy-slope/ML", "sleepstudy-uncorrelated/REML",
        "sleepstudy-weighted/REML", "sleepstudy-offset/ML", "penicillin-crossed/ML",
        "pastes-nested/REML", "oxide-nested/ML", "pop-slope/REML",
    ],
)  # fmt: skip
def test_r_s_recorded_answers_are_those_of_50_digits(model, case_of, catalogue, recorded):
    """R's numbers, in R's order, under R's names: every quantity that the referee computes.

    Eight digits: what R has in all of these models is eleven and more.
    """
    first = case_of(f"{model}/optimum").model
    products = cross_products(candidate_rows(first, Frames().of(first))())
    tried = set()
    for case in catalogue:
        if case.model != first or case.quantity not in ESTIMATES or case.quantity == "hatvalues":
            continue
        answer = recorded.answer(case)
        at = profile(products, answer.theta.tolist(), first.reml)
        found, expected = Value.of(estimates(case.quantity, at)), answer.value.numbers
        if answer.thinned:
            found = found.thinned()
        scale = max(1e-300, np.nanmax(np.abs(expected)))
        np.testing.assert_allclose(found.numbers, expected, rtol=1e-8, atol=1e-8 * scale)
        tried.add(case.quantity)
    assert {"criterion", "fixef", "vcov", "varcorr", "u", "ranef", "fitted", "resid"} <= tried


@pytest.mark.parametrize("model", ["sleepstudy-weighted/REML", "penicillin-crossed/ML"])
def test_leverages_are_r_s(model, case_of, recorded):
    case = case_of(f"{model}/hatvalues")
    answer = recorded.answer(case)
    products = cross_products(candidate_rows(case.model, Frames().of(case.model))())
    found = estimates("hatvalues", profile(products, answer.theta.tolist(), case.model.reml))
    expected = answer.value.numbers
    np.testing.assert_allclose(Value.of(found).thinned().numbers, expected, rtol=1e-9)


def test_sums_of_products_are_exact():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=50) * 10.0 ** rng.integers(-8, 8, 50), rng.normal(size=50)
    integer, shift = Exact.of(a).dot(Exact.of(b))
    exact = sum(Fraction(x) * Fraction(y) for x, y in zip(a.tolist(), b.tolist(), strict=True))
    assert Fraction(integer, 2**shift) == exact
    moved = Exact.of([1.0, 3.0], [1, -1])
    unit = Fraction(1, 2**53)
    values = [Fraction(x, 2**moved.shift) for x in moved.integers]
    assert values == [1 + unit, 3 * (1 - unit)]


def test_nobody_else_s_precision_changes():
    before = mpmath.mp.dps
    profile(cross_products(small_rows()), [0.9, -0.3, 0.4], True)
    assert mpmath.mp.dps == before


# What R sends, and what it only names


def test_rows_that_r_only_names_are_known_by_their_digest(case_of, recorded):
    case = case_of("hsb-income/REML/fifty_digits")
    evidence = recorded.answer(case).evidence
    assert "y" not in evidence
    build = candidate_rows(case.model, Frames().of(case.model))
    rows = rows_of(evidence, build)
    assert len(rows.y) == 7185

    def altered():
        own = build()
        y = own.y.copy()
        y[17] = np.nextafter(y[17], 100.0)
        return Rows(**{**vars(own), "y": y})

    with pytest.raises(EvidenceError, match="not R's to the last bit"):
        rows_of(evidence, altered)


def test_rows_that_r_sends_are_not_ours(case_of, recorded):
    """They come from R's answer, and happen to be those that we build."""
    case = case_of("sleepstudy-weighted/REML/fifty_digits")

    def refuse():
        raise AssertionError("nobody asks for ours")

    rows = rows_of(recorded.answer(case).evidence, refuse)
    assert rows.weights is not None
    assert rows == candidate_rows(case.model, Frames().of(case.model))()


def test_the_cases_ask_what_the_witnesses_ask(catalogue):
    """A recorded answer is found by its question: the catalogue's must be the referee's."""
    found = [case for case in catalogue if case.quantity in ("fifty_digits", "tightened")]
    assert len(found) == 50
    for case in found:
        assert case in witness_cases(case.model)


def test_a_model_that_is_too_large_says_so():
    levels = 150
    row = np.arange(2 * levels)
    column = np.concatenate([np.arange(levels), np.roll(np.arange(levels), 1)])
    one = np.ones(2 * levels)
    both = Rows(
        y=one,
        X=one[:, None],
        row=np.concatenate([row, row]),
        column=np.concatenate([column, levels + row // 2]),
        entry=np.ones(4 * levels),
        terms=(Term(1, 1, levels), Term(2, 1, levels)),
    )
    assert len(linked(both)) == 1
    assert cost(both) > 1_000_000
    with pytest.raises(EvidenceError, match=r"too large: an evaluation in 50 digits would take"):
        cross_products(both)


def test_without_mpmath_the_reason_is_told(monkeypatch):
    def absent(_name):
        raise ImportError

    monkeypatch.setattr("parity.referee.cross_products.import_module", absent)
    with pytest.raises(EvidenceError, match=r"mpmath is not installed \(`pip install pybootmlm"):
        cross_products(small_rows(seed=99))


# Covariances and conditions


@pytest.mark.parametrize(
    "theta", [[2.0, 0.5, 1.0], [0.0, 0.0, 0.7], [1.0, -2.0, 0.0], [0.0, 0.3, 0.4]]
)
def test_theta_and_covariance_go_both_ways(theta):
    terms = (Term(1, 2, 5),)
    (S,) = covariances(np.array(theta), terms)
    again = theta_of([S])
    np.testing.assert_allclose(covariances(again, terms)[0], S, atol=1e-15)
    assert (again[on_diagonal(terms)] >= 0).all()


def test_the_way_between_two_signs_does_not_leave_the_place():
    """A column of Lambda and its negative stand for one covariance."""
    one, other = np.array([1.0, 0.5, 0.2]), np.array([-1.0, -0.5, 0.2])
    steps = np.linspace(0, 1, 5)
    for theta in way_between(one, other, (Term(1, 2, 5),), steps):
        np.testing.assert_allclose(theta, one, atol=1e-14)
    straight = way_between(one, other, None, steps)
    assert np.abs(straight[2][:2]).max() == 0


def test_the_scale_is_one_over_the_columns_of_z():
    rows = small_rows(crossed=True)
    z = rows.entry[(rows.column < 6) & (rows.column % 2 == 1)]
    slope = 1 / np.sqrt((z**2).mean())
    np.testing.assert_allclose(scale_of(rows), [1.0, slope, slope, 1.0], rtol=1e-14)


def test_the_condition_of_columns_that_are_nearly_one():
    """Two columns of length one at an angle d have the condition number sqrt((1 + c)/(1 - c))."""
    n, d = 40, 1e-3
    first = np.ones(n)
    second = first + d * np.where(np.arange(n) % 2, 1.0, -1.0)
    y = np.where(np.arange(n) < n // 2, 1.0, -1.0)
    rows = Rows(y, np.column_stack([first, second]), np.arange(n), np.arange(n) // 2, first,
                (Term(1, 1, n // 2),))  # fmt: skip
    c = 1 / np.sqrt(1 + d**2)
    found = condition_of(rows, [0.0])
    assert found.design == pytest.approx(np.sqrt((1 + c) / (1 - c)), rel=1e-6)
    assert found.whole == pytest.approx(found.design, rel=1e-6)
    assert found.loss == pytest.approx(4 * 2**-52 * found.design**2, rel=1e-5)


def test_wobble_grows_with_the_condition():
    """A mean far from zero: the slope is known to the last place of x, relative to its spread."""
    base = small_rows()

    def change(shift):
        X = base.X.copy()
        X[:, 1] += shift
        rows = Rows(**{**vars(base), "X": X})

        def value(products, theta):
            return estimates("fixef", profile(products, theta, True))

        theta = [0.9, -0.3, 0.4]
        here = value(cross_products(rows), theta)
        return float(wobble(lambda s: cross_products(rows, s), theta, value, here)[()])

    near, far = change(0.0), change(1e6)
    assert 1e-17 < near < 1e-13
    assert 1e4 < far / near < 1e14


def test_only_what_has_a_model_is_computed(case_of, make_runner):
    runner = make_runner()
    trial, _ = runner._compare(
        case_of("solve_eigen_sqrt/positive-definite"),
        runner.oracle.answer(case_of("solve_eigen_sqrt/positive-definite")),
    )
    assert computation_of(trial) is None
    case = case_of("sleepstudy-slope/REML/devfun_lme4")
    trial, _ = runner._compare(case, runner.oracle.answer(case))
    numbers = computation_of(trial)(hear_rows(trial), trial.answer.theta.tolist(), None)
    found = Value.of(numbers)
    tolerance = runner.tolerances["criterion"]
    assert compare(found, Value.of(trial.expected.numbers), tolerance).passed


def test_every_level_has_its_block():
    rows = small_rows(crossed=True)
    blocks = [block for part in linked(rows) for block in part]
    assert sorted(blocks) == [(0, 0), (0, 2), (0, 4), (1, 6), (1, 7)]
    assert len(linked(rows)) == 1
    assert len(linked(small_rows())) == 3
