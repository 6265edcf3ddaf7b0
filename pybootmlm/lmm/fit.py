"""The fitted model."""

import warnings
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from pybootmlm.checks import numbers
from pybootmlm.design.model import ModelDesign
from pybootmlm.exceptions import ArgumentError, ConvergenceWarning, SingularFitWarning
from pybootmlm.linalg.read_only import read_only
from pybootmlm.lmm.call import Call, response_of
from pybootmlm.lmm.checked import checked_fit as checked_fit
from pybootmlm.lmm.components import bar_labels, component
from pybootmlm.lmm.estimates import Estimates, least_sigma
from pybootmlm.lmm.memory import said_in_time
from pybootmlm.lmm.model import Model, build_model
from pybootmlm.lmm.problem import State
from pybootmlm.lmm.search.newton import DEFAULT_OPTIONS, NewtonOptions
from pybootmlm.lmm.search.optimum import Optimum, find_optimum
from pybootmlm.lmm.solution import Labels, Solution, solution_of
from pybootmlm.lmm.summary import Summary, summarise
from pybootmlm.methods.all_fit import all_fit
from pybootmlm.methods.anova import anova
from pybootmlm.methods.coef import coef
from pybootmlm.methods.confint import confint
from pybootmlm.methods.drop1 import drop1
from pybootmlm.methods.effect_tests import effect_tests
from pybootmlm.methods.influence import influence
from pybootmlm.methods.information import extract_aic, log_lik
from pybootmlm.methods.model_data import model_frame, model_matrix
from pybootmlm.methods.predict import predict
from pybootmlm.methods.profile import profile
from pybootmlm.methods.ranef import ranef
from pybootmlm.methods.re_pca import re_pca
from pybootmlm.methods.residuals import cooks_distance_by_row, residuals, studentised
from pybootmlm.methods.simulate import simulate
from pybootmlm.methods.terms import GAUSSIAN, Family, Terms, terms_of
from pybootmlm.methods.update import update

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class LmerFit(Estimates):
    """A linear mixed model at its optimum (or at a theta of the user's choice).

    Made by `lmer`; never changed afterwards. Besides the estimates it has what needs the rows. What
    takes arguments is a method and also a function of this package: ``fit.predict(new)`` is
    ``bm.predict(fit, new)``.

    Attributes
    ----------
    solution, labels : Solution, Labels
        The numbers, and what they are called.
    model : Model
        The design and its cross-products.
    state : State
        Estimates in standardised coordinates.
    optimum : Optimum or None
        How the optimum was found; None for a fit that was not optimised.
    messages : tuple of str
        What a reader of the fit should know.
    call : Call or None
        What `lmer` was asked for; None for a fit of resampled rows.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> fit
    <LmerFit of 'Reaction ~ Days + (Days | Subject)' by REML: criterion 1743.6283>
    >>> fit.fixef.round(2).to_dict(), round(fit.sigma, 2)
    ({'(Intercept)': 251.41, 'Days': 10.47}, 25.59)
    """

    solution: Solution
    labels: Labels
    model: Model
    state: State
    optimum: Optimum | None = None
    messages: tuple[str, ...] = ()
    call: Call | None = None

    # Functions of a fit, each with its documentation in a file of its own.
    all_fit = all_fit
    anova = anova
    coef = coef
    confint = confint
    drop1 = drop1
    extract_aic = extract_aic
    influence = influence
    log_lik = log_lik
    model_frame = model_frame
    model_matrix = model_matrix
    predict = predict
    profile = profile
    ranef = ranef
    re_pca = re_pca
    residuals = residuals
    simulate = simulate
    update = update

    @classmethod
    def from_call(cls, call: Call) -> "LmerFit":
        """Do what `lmer` does, with the arguments in `call`."""
        with said_in_time(f"the model {call.formula!r}"):
            design = call.design()
            if call.response is not None:
                design = replace(design, y=call.response.put_into(design))
            model = build_model(design)
            first = None if call.start is None else checked_theta(model, call.start, "start")
            # Without fixed effects REML is maximum likelihood, and says so, as in lme4.
            reml = call.reml and design.X.shape[1] > 0
            fit = optimise(model, reml, first, call.control.newton)
        if fit.is_singular():
            warnings.warn(fit.messages[-1], SingularFitWarning, stacklevel=3)
        if fit.optimum is not None and not fit.optimum.converged:
            warnings.warn(fit.messages[0], ConvergenceWarning, stacklevel=3)
        return replace(fit, call=call)

    @property
    def whole(self) -> "LmerFit":
        """The fit itself; asked of a refit, which answers like a fit, the fit it stands for."""
        return self

    @property
    def design(self) -> ModelDesign:
        """Model matrices, response, grouping factors."""
        return self.model.design

    @property
    def predictor_moments(self) -> tuple[Array, tuple[Array, ...]]:
        """Covariance of the rows of X (p, p), and the mean of zz' (q, q) of each term."""
        return self.model.predictor_moments

    @property
    def formula(self) -> str:
        """The formula."""
        return self.design.formula

    @property
    def fixed_formula(self) -> str:
        """The formula without its random terms."""
        return self.design.fixed_formula

    @property
    def random_formula(self) -> str:
        """The formula without its fixed terms; the random terms in the order of theta."""
        pairs = zip(bar_labels(self.design), self.design.terms, strict=True)
        bars = " + ".join(term.structure.around(bar) for bar, term in pairs)
        return f"{self.design.response} ~ {bars}"

    @property
    def terms(self) -> Terms:
        """The terms of the model, and which columns of X belong to each."""
        return terms_of(self)

    @property
    def family(self) -> Family:
        """Gaussian with identity link."""
        return GAUSSIAN

    @property
    def weights(self) -> pd.Series:
        """Prior weights of the rows used; one where none were given."""
        given = self.design.weights
        values = np.ones(self.nobs) if given is None else given
        return pd.Series(values, index=self.design.index, name="weights")

    @property
    def ngrps(self) -> pd.Series:
        """Number of levels of each grouping factor."""
        return pd.Series({f.name: len(f.levels) for f in self.design.factors}, name="ngrps")

    @cached_property
    def u(self) -> Array:
        """Spherical random effects (q,), in units of the response, ordered term, level, column."""
        return read_only(self._flat(self.state.u))

    @cached_property
    def b(self) -> Array:
        """Conditional modes of the random effects (q,), ordered as `u`."""
        return read_only(self._flat(self.state.b))

    @cached_property
    def mu(self) -> Array:
        """Conditional means (n,) of the rows used."""
        mean = self.design.X @ self.beta
        if self.design.offset is not None:
            mean = mean + self.design.offset
        for term, b in zip(self.design.terms, self.model.by_term(self.state.b), strict=True):
            codes = self.design.factors[term.factor].codes
            mean = mean + self.model.coordinates.scale * np.einsum("nq,nq->n", term.Z, b[codes])
        return read_only(np.asarray(mean))

    @property
    def fitted(self) -> pd.Series:
        """Conditional means by row."""
        return self.by_row(self.mu, "fitted")

    @property
    def resid(self) -> pd.Series:
        """Response less conditional mean, by row."""
        return self.by_row(self.design.y - self.mu, "resid")

    @cached_property
    def hat(self) -> Array:
        """Diagonal of the hat matrix (n,) of the rows used."""
        random = self.model.problem.hat_random(self.theta)
        rows = self.model.problem.v_inverse(self.theta, self.model.coordinates.Q)
        C = self.state.tail.C[..., 0]
        fixed = np.linalg.solve(C, rows.T) if len(C) else np.zeros((0, len(rows)))
        return read_only(np.asarray(random + (fixed**2).sum(axis=0)))

    @property
    def hatvalues(self) -> pd.Series:
        """Diagonal of the hat matrix, by row."""
        return self.by_row(self.hat, "hatvalues")

    @property
    def rstudent(self) -> pd.Series:
        """Studentised residuals by row: Pearson residuals over sigma sqrt(1 - h)."""
        return self.by_row(studentised(self), "rstudent")

    @property
    def cooks_distance(self) -> pd.Series:
        """Cook's distance by row, from residuals and leverages (`influence` refits instead)."""
        return self.by_row(cooks_distance_by_row(self), "cooks_distance")

    def getME(self, name: str | list[str] | tuple[str, ...]) -> Any:
        """A component by its lme4 name, such as ``"theta"``, ``"Zt"``, ``"Lind"``.

        Several names give a dict. Where R counts from 1 (``Lind``), positions count from 0;
        ``L`` and ``RZX`` are in the order of ``u``, without CHOLMOD's permutation.

        Raises
        ------
        ArgumentError
            There is no such component; the message lists them.
        """
        return component(self, name)

    def at_theta(self, theta: ArrayLike) -> "LmerFit":
        """The same model at another theta (t,), with everything else profiled out.

        Raises
        ------
        ArgumentError
            `theta` does not have the right length or is not finite.
        """
        found = evaluate_at(self.model, checked_theta(self.model, theta), self.reml)
        return replace(found, call=self.call)

    def refit(self, y: ArrayLike | None = None) -> "LmerFit":
        """Fit the same model to another response (n,), from the present theta.

        Raises
        ------
        ArgumentError
            `y` does not have one finite number for every row used, or is a Series of other rows.
        """
        model, call = self.model, self.call
        if y is not None:
            if isinstance(y, pd.Series) and not y.index.equals(self.design.index):
                raise ArgumentError(
                    "the index of `y` differs from that of the rows used: align them, or give an "
                    "array in the order of the rows."
                )
            values = numbers(y, "y")
            if values.shape != (self.nobs,) or not np.isfinite(values).all():
                raise ArgumentError(
                    f"`y` must hold a finite number for each of the {self.nobs} rows used; got an "
                    f"array of shape {values.shape}."
                )
            model = model.with_response(values)
            if call is not None:
                call = replace(call, response=response_of(self.design, values))
        return replace(optimise(model, self.reml, start=self.theta), call=call)

    def refit_ml(self) -> "LmerFit":
        """The same model by maximum likelihood; itself if that is what it is."""
        if not self.reml:
            return self
        return replace(optimise(self.model, reml=False, start=self.theta), call=self.call)

    def summary(self, ddf: str | None = None) -> Summary:
        """A summary laid out as lme4 prints it; with tests of the fixed effects, as lmerTest does.

        Parameters
        ----------
        ddf : {"satterthwaite", "kenward-roger", "asymptotic"}, optional
            How the degrees of freedom of t-tests are found, see `contest`. Without it there are no
            tests, as in lme4.

        Raises
        ------
        ArgumentError
            There is no such method.
        ModelError
            Kenward and Roger's method is asked of a fit by maximum likelihood.

        Examples
        --------
        >>> import pybootmlm as bm
        >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
        >>> fit.summary().coefficients.round(3)
                     Estimate  Std. Error  t value
        (Intercept)   251.405       6.825   36.838
        Days           10.467       1.546    6.771
        >>> fit.summary(ddf="satterthwaite").coefficients.iloc[:, 2:4].round(3)
                       df  t value
        (Intercept)  17.0   36.838
        Days         17.0    6.771
        """
        found = summarise(
            self,
            formula=self.formula,
            scaled_residuals=self.model.coordinates.weigh(self.design.y - self.mu) / self.sigma,
            levels=self.ngrps,
            messages=self.messages,
        )
        if ddf is None:
            return found
        tests = effect_tests(ddf)
        return replace(found, coefficients=tests.coefficients(self), tests=tests.title)

    def __repr__(self) -> str:
        kind = "REML" if self.reml else "maximum likelihood"
        return f"<LmerFit of {self.formula!r} by {kind}: criterion {self.criterion:.4f}>"

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    def _flat(self, by_factor: tuple[Array, ...]) -> Array:
        parts = [effects.ravel() for effects in self.model.by_term(by_factor)]
        return np.concatenate(parts) * self.model.coordinates.scale

    def by_row(self, values: Array, name: str) -> pd.Series:
        """Values (n,) of the rows used, labelled; NaN in rows that were set aside to be shown."""
        design = self.design
        if design.na_action != "exclude":
            return pd.Series(values, index=design.index, name=name)
        padded = np.full(design.n_total, np.nan)
        padded[design.kept] = values
        return pd.Series(padded, index=design.data_index, name=name)


def evaluate_at(model: Model, theta: Array, reml: bool) -> LmerFit:
    """The model at `theta` (t,), nothing optimised."""
    state = model.problem.state(theta)
    solution = solution_of(
        theta, state.tail, state.log_det_V, model.coordinates, len(model.design.y), reml
    )
    return LmerFit(solution, model.labels, model, state)


def optimise(
    model: Model,
    reml: bool,
    start: Array | None = None,
    options: NewtonOptions = DEFAULT_OPTIONS,
) -> LmerFit:
    """The model at the theta that minimises its criterion."""
    optimum = find_optimum(model.problem, model.search, reml, start, model.starts, options)
    fit = evaluate_at(model, optimum.theta, reml)
    messages = []
    if fit.sigma < least_sigma(len(model.design.factors), model.coordinates.scale):
        optimum = replace(optimum, converged=False)
        messages.append(
            "the random effects explain the response exactly, so the criterion falls without bound "
            "as theta grows: there is no optimum"
        )
    elif not optimum.converged:
        messages.append(
            f"the optimiser stopped after {optimum.evaluations} evaluations with a Newton "
            f"decrement of {optimum.decrement:.2g}"
        )
    if fit.is_singular():
        messages.append("boundary (singular) fit: see help('isSingular')")
    return replace(fit, optimum=optimum, messages=tuple(messages))


def checked_theta(model: Model, theta: ArrayLike, argument: str = "theta") -> Array:
    """`theta` as a vector of the right length."""
    # A copy: the fit must not change when the caller's array does.
    values = numbers(theta, argument)
    expected = model.covariance.n_theta
    if values.shape != (expected,):
        raise ArgumentError(
            f"`{argument}` must hold {expected} numbers ({_what(model)}); got an array of shape "
            f"{values.shape}."
        )
    if not np.isfinite(values).all():
        raise ArgumentError(f"`{argument}` must hold finite numbers; got {values}.")
    correlation = ~model.covariance.on_diagonal & np.isfinite(model.covariance.upper)
    lower, upper = model.covariance.lower, model.covariance.upper
    outside = np.flatnonzero(correlation & ((values < lower) | (values > upper)))
    if outside.size:
        k = outside[0]
        raise ArgumentError(
            f"element {k} of `{argument}` is a correlation between {lower[k]:.6g} and "
            f"{upper[k]:.6g}, outside which there is no covariance matrix; got {values[k]}."
        )
    return values


def _what(model: Model) -> str:
    if all(template.name == "us" for template in model.covariance.templates):
        return "one an entry of the lower triangles of Lambda"
    return "as `getME('par')` of a fit shows them by name"
