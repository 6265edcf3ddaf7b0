"""Methods of a fit: estimates, likelihood, rows, predictions, intervals."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from parity.translate.meaning.arguments import Arguments, match
from parity.translate.meaning.kinds import Kind, Meaning, Untranslatable
from parity.translate.reading.deparse import deparse
from parity.translate.reading.tree import Call, Constant, Node
from parity.translate.rules.indexing import from_zero
from parity.translate.rules.table import RULES, rule
from parity.translate.writing import build

if TYPE_CHECKING:
    from parity.translate.translator import Translator

#: Functions of nothing but a fit.
OF_A_FIT: dict[str, tuple[str, Kind]] = {
    "fixef": ("_x.fixef", Kind.COLUMN), "fixed.effects": ("_x.fixef", Kind.COLUMN),
    "vcov": ("_x.vcov", Kind.TABLE), "VarCorr": ("_x.varcorr", Kind.VARCORR),
    "AIC": ("_x.aic", Kind.NUMBER), "BIC": ("_x.bic", Kind.NUMBER),
    "REMLcrit": ("_x.reml_criterion", Kind.NUMBER), "isREML": ("_x.reml", Kind.FLAG),
    "nobs": ("_x.nobs", Kind.NUMBER), "df.residual": ("_x.df_residual", Kind.NUMBER),
    "ngrps": ("_x.ngrps", Kind.COLUMN), "hatvalues": ("_x.hatvalues", Kind.COLUMN),
    "rstudent": ("_x.rstudent", Kind.COLUMN), "cooks.distance": ("_x.cooks_distance", Kind.COLUMN),
    "weights": ("_x.weights", Kind.COLUMN), "model.frame": ("_x.model_frame()", Kind.FRAME),
    "isSingular": ("_x.is_singular()", Kind.FLAG), "fitted": ("_x.fitted", Kind.COLUMN),
    "rePCA": ("_x.re_pca()", Kind.LIST), "vcov_theta": ("bm.vcov_theta(_x)", Kind.MATRIX),
    "devfun_mer": ("bm.devfun_mer(_x)", Kind.DEVIANCE),
    "devfun_mer2": ("bm.devfun_mer2(_x)", Kind.DEVIANCE),
}  # fmt: skip


def _of_a_fit(translator: Translator, node: Call) -> Meaning:
    arguments = match(node, ("object",))
    found = translator.of_kind(arguments.need("object"), Kind.FIT)
    arguments.done()
    pattern, kind = OF_A_FIT[node.name]
    code = build.fill(pattern, _x=found.code)
    single = 1 if kind in (Kind.NUMBER, Kind.FLAG) else None
    return Meaning(code, kind, ast.unparse(code) if kind is Kind.COLUMN else "", length=single)


for _name in OF_A_FIT:
    RULES[_name] = _of_a_fit


@rule("sigma")
def sigma(translator: Translator, node: Call) -> Meaning:
    """The residual standard deviation."""
    (value,) = node.values
    found = translator.of_kind(value, Kind.FIT, Kind.SUMMARY)
    pattern = "_x.sigma" if found.kind is Kind.FIT else "_x.varcorr.sigma"
    return Meaning(build.fill(pattern, _x=found.code), Kind.NUMBER, length=1)


@rule("getME")
def component(translator: Translator, node: Call) -> Meaning:
    """A component by lme4's name."""
    arguments = match(node, ("object", "name"))
    fit = translator.fit(arguments.need("object"))
    name = arguments.text("name")
    arguments.done()
    if name in ("theta", "beta", "u", "b"):
        return Meaning(build.fill(f"_x.{name}", _x=fit), Kind.VECTOR)
    if name in ("sigma", "fixef"):
        kind = Kind.NUMBER if name == "sigma" else Kind.COLUMN
        return Meaning(
            build.fill(f"_x.{name}", _x=fit), kind, length=1 if name == "sigma" else None
        )
    matrices = ("X", "Z", "Zt", "Lambda", "Lambdat", "RX", "RZX", "L", "A", "Gp")
    kind = Kind.MATRIX if name in matrices else Kind.VECTOR
    return Meaning(build.fill("_x.getME(_n)", _x=fit, _n=build.constant(name)), kind)


@rule("summary")
def summary(translator: Translator, node: Call) -> Meaning:
    """A summary: of a fit; of data, where pandas says other things than R."""
    found = translator.expression(node.values[0])
    if found.kind is Kind.FIT:
        return Meaning(build.fill("_x.summary()", _x=found.code), Kind.SUMMARY)
    if found.kind is Kind.BOOT:
        return Meaning(build.fill("_x.summary()", _x=found.code), Kind.SUMMARY)
    if found.kind in (Kind.FRAME, Kind.COLUMN):
        translator.remark("pandas describes data in other words than R's summary()")
        pattern = "_x.describe(include='all')" if found.kind is Kind.FRAME else "_x.describe()"
        return Meaning(build.fill(pattern, _x=found.code), Kind.NOTHING)
    if found.kind is Kind.VECTOR:
        translator.remark("pandas describes data in other words than R's summary()")
        return Meaning(build.fill("pd.Series(_x).describe()", _x=found.code), Kind.NOTHING)
    raise Untranslatable(f"`{deparse(node)}`: a summary of {found.kind}")


@rule("coef", "coefficients")
def coefficients(translator: Translator, node: Call) -> Meaning:
    """Coefficients of every group; of a summary, the table of the fixed effects."""
    found = translator.expression(node.values[0])
    if found.kind is Kind.SUMMARY:
        return Meaning(build.fill("_x.coefficients", _x=found.code), Kind.TABLE)
    if found.kind is not Kind.FIT:
        raise Untranslatable(f"`{deparse(node)}`: coefficients of {found.kind}")
    return Meaning(build.fill("_x.coef()", _x=found.code), Kind.EFFECTS)


@rule("ranef", "random.effects")
def random_effects(translator: Translator, node: Call) -> Meaning:
    """Conditional modes; R's come with variances by default, ours when they are asked for."""
    arguments = match(node, ("object", "condVar", "drop", "whichel"))
    fit = translator.fit(arguments.need("object"))
    variances = arguments.flag("condVar", False)
    arguments.done("drop")
    option = build.constant(True) if variances else None
    return Meaning(build.call(ast.Attribute(fit, "ranef"), cond_var=option), Kind.EFFECTS)


@rule("residuals", "resid")
def residuals(translator: Translator, node: Call) -> Meaning:
    """Residuals by row."""
    arguments = match(node, ("object", "type", "scaled"))
    fit = translator.fit(arguments.need("object"))
    kind = arguments.text("type", "response")
    scaled = arguments.flag("scaled", False)
    arguments.done()
    if kind == "response" and not scaled:
        code: ast.expr = build.fill("_x.resid", _x=fit)
    else:
        code = build.call(
            ast.Attribute(fit, "residuals"), build.constant(kind),
            scaled=build.constant(True) if scaled else None,
        )  # fmt: skip
    return Meaning(code, Kind.COLUMN, ast.unparse(code))


@rule("logLik")
def log_likelihood(translator: Translator, node: Call) -> Meaning:
    """The log-likelihood."""
    arguments = match(node, ("object", "REML"))
    fit = translator.fit(arguments.need("object"))
    given = arguments.take("REML")
    code: ast.expr = build.fill("_x.loglik", _x=fit)
    if given is not None:
        code = build.call(ast.Attribute(fit, "log_lik"), reml=translator.code(given))
    return Meaning(code, Kind.NUMBER, length=1)


@rule("deviance")
def deviance(translator: Translator, node: Call) -> Meaning:
    """The deviance; lme4's of a REML fit, without more words, is its criterion."""
    arguments = match(node, ("object", "REML"))
    fit = translator.fit(arguments.need("object"))
    given = arguments.take("REML")
    if given is None:
        return Meaning(build.fill("_x.criterion", _x=fit), Kind.NUMBER, length=1)
    restricted = isinstance(given, Constant) and given.value is True
    pattern = "_x.reml_criterion" if restricted else "_x.deviance"
    return Meaning(build.fill(pattern, _x=fit), Kind.NUMBER, length=1)


@rule("extractAIC")
def extract_aic(translator: Translator, node: Call) -> Meaning:
    """Degrees of freedom and AIC."""
    return Meaning(build.fill("_x.extract_aic()", _x=translator.fit(node.values[0])), Kind.VECTOR)


@rule("model.matrix")
def model_matrix(translator: Translator, node: Call) -> Meaning:
    """The model matrix of the fixed effects."""
    arguments = match(node, ("object", "type"))
    fit = translator.fit(arguments.need("object"))
    kind = arguments.text("type", "fixed")
    arguments.done()
    if kind != "fixed":
        raise Untranslatable(f"`{deparse(node)}`: getME() gives the matrices of random effects")
    return Meaning(build.fill("_x.model_matrix()", _x=fit), Kind.TABLE)


def _re_form(translator: Translator, node: Node | None) -> ast.expr | None:
    if node is None:
        return None
    if isinstance(node, Constant) and node.kind == "na":
        return build.constant("~0")
    return translator.of_kind(node, Kind.FORMULA, Kind.TEXT).code


@rule("predict")
def predict(translator: Translator, node: Call) -> Meaning:
    """Predictions, of new rows or those of the fit."""
    names = ("object", "newdata", "newparams", "re.form", "random.only", "terms", "type",
             "allow.new.levels", "na.action", "se.fit")  # fmt: skip
    arguments = match(node, names)
    fit = translator.fit(arguments.need("object"))
    new, form = arguments.take("newdata"), arguments.take("re.form")
    only, unseen = arguments.flag("random.only", False), arguments.flag("allow.new.levels", False)
    errors = arguments.flag("se.fit", False)
    arguments.text("type")
    arguments.done()
    positional = [] if new is None else [translator.of_kind(new, Kind.FRAME).code]
    code = build.call(
        ast.Attribute(fit, "predict"), *positional, re_form=_re_form(translator, form),
        random_only=build.constant(True) if only else None,
        allow_new_levels=build.constant(True) if unseen else None,
        se_fit=build.constant(True) if errors else None,
    )  # fmt: skip
    kind = Kind.TABLE if errors else Kind.COLUMN
    return Meaning(code, kind, ast.unparse(code))


@rule("simulate")
def simulate(translator: Translator, node: Call) -> Meaning:
    """Responses drawn from the model, with R's numbers."""
    names = ("object", "nsim", "seed", "use.u", "re.form", "newdata", "allow.new.levels")
    arguments = match(node, names)
    fit = translator.fit(arguments.need("object"))
    count, seed = arguments.take("nsim"), arguments.take("seed")
    use = arguments.take("use.u")
    form, new = arguments.take("re.form"), arguments.take("newdata")
    unseen = arguments.flag("allow.new.levels", False)
    arguments.done()
    rng = translator.rng() if seed is None else build.call("bm.RStream", translator.code(seed))
    code = build.call(
        ast.Attribute(fit, "simulate"), *([] if count is None else [translator.code(count)]),
        use_u=None if use is None else translator.code(use),
        re_form=_re_form(translator, form),
        newdata=None if new is None else translator.code(new),
        allow_new_levels=build.constant(True) if unseen else None, rng=rng,
    )  # fmt: skip
    return Meaning(code, Kind.FRAME)


@rule("profile")
def profile(translator: Translator, node: Call) -> Meaning:
    """The profile likelihood."""
    arguments = match(node, ("fitted", "which", "prof.scale", "signames"))
    fit = translator.fit(arguments.need("fitted"))
    which, scale = arguments.take("which"), arguments.text("prof.scale")
    arguments.done("signames")
    code = build.call(
        ast.Attribute(fit, "profile"),
        which=None if which is None else _which(translator, which),
        scale=None if scale in (None, "sdcor") else build.constant(scale),
    )  # fmt: skip
    return Meaning(code, Kind.PROFILE)


def _which(translator: Translator, node: Node) -> ast.expr:
    """Parameters by name, or by number from 0."""
    found = translator.expression(node)
    if found.kind in (Kind.TEXT, Kind.TEXTS):
        return found.code
    if found.kind in (Kind.NUMBER, Kind.ITEMS, Kind.VECTOR):
        return from_zero(found.code)
    raise Untranslatable(f"`{deparse(node)}` names no parameters")


@rule("confint")
def intervals(translator: Translator, node: Call) -> Meaning:
    """Confidence limits: of a fit, a profile or a bootstrap."""
    names = ("object", "parm", "level", "method", "nsim", "boot.type", "oldNames", "seed", "type",
             "L", "quiet", "FUN", "zeta")  # fmt: skip
    arguments = match(node, names)
    found = translator.of_kind(arguments.need("object"), Kind.FIT, Kind.PROFILE, Kind.BOOT)
    parm, level = arguments.take("parm"), arguments.take("level")
    arguments.given.pop("quiet", None)
    options: dict[str, ast.expr | None] = {
        "parm": None if parm is None else _which(translator, parm),
        "level": None if level is None else translator.code(level),
    }
    if found.kind is Kind.FIT:
        options |= _fit_limits(translator, arguments.text("method", "profile"), arguments)
    if found.kind is Kind.BOOT:
        kind, influence = arguments.text("type", "norm"), arguments.take("L")
        options["type"] = None if kind == "norm" else build.constant(kind)
        options["L"] = None if influence is None else translator.code(influence)
    arguments.done()
    return Meaning(build.call(ast.Attribute(found.code, "confint"), **options), Kind.TABLE)


def _fit_limits(
    translator: Translator, method: str | None, arguments: Arguments
) -> dict[str, ast.expr | None]:
    count, seed = arguments.take("nsim"), arguments.take("seed")
    kind, old = arguments.text("boot.type"), arguments.flag("oldNames", True)
    options: dict[str, ast.expr | None] = {
        "method": None if method == "profile" else build.constant(method),
        "old_names": None if old else build.constant(False),
        "nsim": None if count is None else translator.code(count),
        "boot_type": None if kind in (None, "perc") else build.constant(kind),
    }
    if method == "boot":
        options["rng"] = seeded(translator, seed)
    return options


def seeded(translator: Translator, seed: Node | None) -> ast.expr:
    """The stream; a seed given to bootMer() begins it anew, as in R."""
    if seed is None:
        return translator.rng()
    code = build.call("bm.RStream", translator.code(seed))
    if translator.in_function:
        return code
    translator.shared.seeded = True
    translator.lines_before("rng = ", code)
    return build.name("rng")


@rule("vcov_vc")
def vcov_vc(translator: Translator, node: Call) -> Meaning:
    """Covariance matrix of the variance components."""
    arguments = match(node, ("x", "sd_cor", "print_names"))
    fit = translator.fit(arguments.need("x"))
    as_sd, named = arguments.flag("sd_cor", True), arguments.flag("print_names", True)
    arguments.done()
    code = build.call(
        "bm.vcov_vc", fit, sd_cor=None if as_sd else build.constant(False),
        names=None if named else build.constant(False),
    )  # fmt: skip
    return Meaning(code, Kind.TABLE if named else Kind.MATRIX)


@rule("scores_mer")
def scores(translator: Translator, node: Call) -> Meaning:
    """Scores of every cluster or row."""
    arguments = match(node, ("x", "level"))
    fit, level = translator.fit(arguments.need("x")), arguments.take("level")
    code = build.call("bm.scores_mer", fit, level=None if level is None else translator.code(level))
    return Meaning(code, Kind.TABLE)


@rule("prof_ci_icc")
def icc_limits(translator: Translator, node: Call) -> Meaning:
    """Profile limits of the intraclass correlation."""
    arguments = match(node, ("x", "level", "eps_max"))
    fit, level = translator.fit(arguments.need("x")), arguments.take("level")
    arguments.done()
    code = build.call(
        "bm.prof_ci_icc", fit, level=None if level is None else translator.code(level)
    )
    return Meaning(code, Kind.COLUMN, ast.unparse(code))


@rule("attr")
def attribute(translator: Translator, node: Call) -> Meaning:
    """The attributes of variance components."""
    found = translator.expression(node.values[0])
    which = node.values[1]
    name = which.value if isinstance(which, Constant) else None
    if found.kind is Kind.VARCORR and name == "sc":
        return Meaning(build.fill("_x.sigma", _x=found.code), Kind.NUMBER, length=1)
    if found.kind is Kind.TABLE and name == "stddev":
        return Meaning(build.fill("np.sqrt(np.diag(_x))", _x=found.code), Kind.VECTOR)
    raise Untranslatable(f"`{deparse(node)}`: this attribute of {found.kind}")
