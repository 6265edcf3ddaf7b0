"""The examples of lme4's, lmerTest's and pbkrtest's help pages, with pybootmlm.

`PAGES` has a function for each print that help_pages.R records: it gives text where this library
prints it too, and otherwise the numbers in R's order.
"""

import functools
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pybootmlm as bm
from pybootmlm.hypothesis.degrees_of_freedom import TITLES

RECORD = json.loads((Path(__file__).parent / "help_pages.json").read_text(encoding="utf-8"))

SLEEP = "Reaction ~ Days + (Days | Subject)"
APART = "Reaction ~ Days + (1 | Subject) + (0 + Days | Subject)"
CURVED = "Reaction ~ Days + I(Days^2) + (1 | Subject) + (0 + Days | Subject)"
CAKE = "(1 | recipe:replicate)"
KR = "kenward-roger"
Answer = str | Iterable[float]


def data(name: str) -> pd.DataFrame:
    """A packaged data set, or one that the record holds."""
    if name not in RECORD["frames"]:
        frame = bm.load_dataset(name)
        if name == "cake":
            frame["Temp"] = frame["temperature"].cat.as_unordered()
        return frame
    columns = {}
    for column, one in RECORD["frames"][name].items():
        if one["factor"]:
            columns[column] = pd.Categorical.from_codes(one["codes"], one["values"])
        else:
            columns[column] = np.array([*map(float, one["values"]), np.nan])[one["codes"]]
    return pd.DataFrame(columns)


@functools.cache
def fit(formula: str, name: str = "sleepstudy", reml: bool = True) -> bm.LmerFit:
    return bm.lmer(formula, data(name), reml=reml)


def printed(found: bm.LmerFit) -> list[float]:
    """The numbers that lme4 prints of a fit."""
    if found.reml:
        out = [found.reml_criterion]
    else:
        out = [found.aic, found.bic, found.loglik, found.deviance, found.df_residual]
    for term in found.varcorr.terms:
        for i, sd in enumerate(term.sd):
            out += [sd, *term.cor[i, :i]]
    return [*out, found.sigma, found.nobs, *found.ngrps, *found.beta]


def values(frame: Any) -> list[float]:
    """The numbers of a frame, row by row."""
    numbers = np.asarray(frame, dtype=float).ravel()
    return [float(x) for x in numbers[~np.isnan(numbers)]]


def means(found: bm.LmerFit, *specs: Any, **options: Any) -> list[float]:
    """lmerTest's table of means: of one column after the other; of two the first moves faster."""
    parts = []
    for spec in specs:
        frame = bm.emmeans(found, spec, **options).frame
        if not isinstance(spec, str):
            frame = frame.loc[sorted(frame.index, key=lambda row: row.split()[1])]
        parts.append(frame)
    return values(pd.concat(parts))


def pastes() -> pd.DataFrame:
    """Batches in the order of their means, samples so within batches."""
    frame = data("Pastes")
    batches = frame.groupby("batch", observed=True)["strength"].mean().sort_values().index
    frame["batch"] = frame["batch"].cat.reorder_categories(list(batches))
    means = frame.assign(place=frame["batch"].cat.codes).groupby("sample", observed=True)
    samples = means[["place", "strength"]].mean().sort_values(["place", "strength"]).index
    frame["sample"] = frame["sample"].cat.reorder_categories(list(samples))
    return frame


def two_temperatures() -> pd.DataFrame:
    frame = data("cake")
    chosen = frame[frame["temp"].isin([175, 185])]
    chosen = chosen[~((chosen["recipe"] == "C") & (chosen["temp"] == 185))].copy()
    chosen["temperature"] = chosen["Temp"].cat.remove_unused_categories()
    return chosen


def late(formula: str) -> list[float]:
    frame = data("sleepstudy")
    return printed(bm.lmer(formula, frame[frame["Days"] >= 2]))


def criterion_of_four_variances() -> list[float]:
    frame = data("Orthodont")
    frame["nsex"] = (frame["Sex"] == "Male").astype(float)
    frame["nsexage"] = frame["nsex"] * frame["age"]
    formula = "distance ~ age + (age | Subject) + (0 + nsex | Subject) + (0 + nsexage | Subject)"
    return [bm.lmer(formula, frame).reml_criterion]


@functools.cache
def dye_bootstrap() -> bm.BootResult:
    def my_summary(refit: Any) -> dict[str, float]:
        sigma = refit.sigma
        return {"beta": refit.beta[0], "sigma": sigma, "sig01": sigma * refit.theta[0]}

    dye = fit(DYES, "Dyestuff", reml=False)
    return bm.bootstrap_mer(dye, my_summary, 100, rng=bm.RStream(101))


def compared(larger: bm.LmerFit, smaller: bm.LmerFit, *names: str, refit: bool = True) -> str:
    """R names models by the expressions that they are, and prints no messages here."""
    table = bm.anova(larger, smaller, model_names=names, refit=refit)
    return str(table).removeprefix("refitting model(s) with ML (instead of REML)\n")


def single_terms(found: bm.LmerFit, ddf: str = "satterthwaite") -> str:
    """lmerTest's drop1, where no term contains another: an F test of the columns of each."""
    lines = str(found.anova(ddf=ddf, type=2)).split("\n")
    title = f"Single term deletions using {TITLES[ddf]} method:"
    return "\n".join([title, "Model:", found.formula, *lines[1:]])


def kenward_roger(found: bm.LmerFit, L: Any) -> list[float]:
    test = bm.contest(found, L, ddf=KR).frame.iloc[0]
    scale = test["F value"] / (test["Mean Sq"] / found.sigma**2)
    return [test["F value"], test["NumDF"], test["DenDF"], scale, test["Pr(>F)"]]


def satterthwaite(found: bm.LmerFit, L: Any) -> list[float]:
    test = bm.contest(found, L).frame
    return values(test[["F value", "NumDF", "DenDF", "Pr(>F)"]])


def each(found: bm.LmerFit, L: Any, **options: Any) -> list[float]:
    return values(bm.contest(found, L, joint=False, **options).frame)


def beets(change: str) -> str:
    sug = fit("sugpct ~ block + sow + harvest + (1 | block:harvest)", "beets", reml=False)
    return compared(sug, sug.update(change), "sug", f"update(sug, {change})")


def ham() -> bm.LmerFit:
    fixed, random = "Gender + Information * Product", "(1 | Consumer) + (1 | Consumer:Product)"
    return fit(f"Informed.liking ~ {fixed} + {random}", "ham")


def ranef(formula: str, group: str, name: str = "sleepstudy") -> list[float]:
    return values(fit(formula, name).ranef()[group])


LAST = [[0, 1, 0], [0, 0, 1]]
PASTES = {
    1: "strength ~ (1 | batch) + (1 | sample)",
    2: "strength ~ (1 | batch/cask)",
    3: "strength ~ (1 | batch) + (1 | batch:cask)",
    4: "strength ~ (1 | batch/sample)",
    6: "strength ~ (1 | batch) + (1 | cask)",
}
DYES, PENICILLIN = "Yield ~ 1 + (1 | Batch)", "diameter ~ (1 | plate) + (1 | sample)"
CAKES = [
    f"angle ~ recipe * temperature + {CAKE}",
    f"angle ~ recipe + temperature + {CAKE}",
    f"angle ~ recipe + temp + {CAKE}",
]
SLOPED, ADDITIVE = f"angle ~ recipe * temp + {CAKE}", CAKES[2]
LATE = [SLEEP, APART]
DISTANCE = "distance ~ age + (age | Subject)"
PAIR = ("recipe", "Temp")
TV = "Coloursaturation ~ TVset * Picture + (TVset | Assessor)"
TV2 = "Coloursaturation ~ TVset + Picture + (1 | Assessor:TVset) + (1 | Assessor)"


def lme4_pages() -> dict[str, Callable[[], Answer]]:
    anovas = ["fm1", "fm2", "fm3"]
    ml = {f"cake {k + 1}": lambda f=f: printed(fit(f, "cake", False)) for k, f in enumerate(CAKES)}
    return {
        "Dyestuff 1": lambda: printed(fit(DYES, "Dyestuff")),
        "Dyestuff 2": lambda: printed(fit(DYES, "Dyestuff2")),
        **{f"Pastes {k}": lambda f=f: printed(bm.lmer(f, pastes())) for k, f in PASTES.items()},
        "Pastes 5": lambda: values(bm.lmer(PASTES[1], pastes()).ranef()["sample"].head(6)),
        "Penicillin 1": lambda: printed(fit(PENICILLIN, "Penicillin")),
        **{f"sleepstudy {k + 1}": lambda f=f: late(f) for k, f in enumerate(LATE)},
        **{
            f"cake {k + 1}": lambda f=f: printed(fit(f, "cake", False)) for k, f in enumerate(CAKES)
        },
        **ml,
        "cake 4": lambda: str(
            bm.anova(*(fit(f, "cake", False) for f in CAKES), model_names=anovas)
        ),
        "lmer 1": lambda: str(fit(SLEEP).summary()),
        "lmer 2": lambda: printed(fit("Reaction ~ Days + (Days || Subject)")),
        "lmer 3": lambda: compared(
            fit(SLEEP), fit("Reaction ~ Days + (Days || Subject)"), "fm1", "fm2"
        ),
        "lmer 4": lambda: values(fit(APART).vcov),
        "lmer 5": criterion_of_four_variances,
        "VarCorr 1": lambda: str(fit(DISTANCE, "Orthodont").varcorr),
        "VarCorr 2": lambda: values(
            fit(DISTANCE, "Orthodont").varcorr.to_frame()[["vcov", "sdcor"]]
        ),
        "VarCorr 3": lambda: values(
            fit(DISTANCE, "Orthodont").varcorr.to_frame(order="lower.tri")[["vcov", "sdcor"]]
        ),
        "drop1 1": lambda: str(fit(SLEEP).drop1(test="Chisq")),
        "fixef 1": lambda: fit(APART).fixef,
        "hatvalues 1": lambda: fit(SLEEP).hatvalues[:10],
        "ranef 1": lambda: ranef(SLEEP, "Subject"),
        "ranef 2": lambda: ranef(APART, "Subject"),
        "ranef 3": lambda: ranef(PENICILLIN, "plate", "Penicillin"),
        "ranef 4": lambda: ranef(PENICILLIN, "sample", "Penicillin"),
        "rePCA 1": lambda: fit(SLEEP).re_pca()["Subject"].sdev,
        "ngrps 1": lambda: fit("Reaction ~ 1 + (1 | Subject)").ngrps,
        "ngrps 2": lambda: fit(PASTES[2], "Pastes").ngrps,
        "confint 1": lambda: values(fit(SLEEP).confint("beta_", method="Wald")),
        "confint 2": lambda: values(fit(APART).confint()),
        "profile 1": lambda: values(fit(DYES, "Dyestuff", False).profile().confint()),
        "bootMer 1": lambda: dye_bootstrap().t0,
        "bootMer 2": lambda: dye_bootstrap().bias,
        "bootMer 3": lambda: dye_bootstrap().std_error,
        "bootMer 4": lambda: values(dye_bootstrap().confint(type="perc")),
        "bootMer 5": lambda: values(dye_bootstrap().confint(type="norm")),
        "bootMer 6": lambda: values(dye_bootstrap().confint(type="basic")),
        "modular 1": lambda: [*fit(SLEEP).theta, fit(SLEEP).criterion],
    }


def lmertest_pages() -> dict[str, Callable[[], Answer]]:
    additive, crossed = f"angle ~ recipe + Temp + {CAKE}", f"angle ~ recipe * Temp + {CAKE}"
    bent = "Reaction ~ Days + I(Days^2) + (Days | Subject)"
    return {
        "anova 1": lambda: str(fit(SLEEP).anova(ddf="satterthwaite")),
        "anova 2": lambda: str(fit(SLEEP).anova()),
        "anova 3": lambda: str(fit(SLEEP).anova(ddf=KR)),
        "as.data.frame 1": lambda: means(fit(additive, "cake"), *PAIR),
        "contest 1": lambda: values(bm.contest(fit(CURVED), [0, 0, 1]).frame),
        "contest 2": lambda: each(fit(CURVED), [0, 0, 1]),
        "contest 3": lambda: values(bm.contest(fit(CURVED), LAST).frame),
        "contest 4": lambda: each(fit(CURVED), LAST),
        "contest 5": lambda: each(fit(CURVED), "I(Days^2)", level=0.99),
        "contest 6": lambda: bm.lmer(CAKES[0], two_temperatures()).fixef,
        "contest1D 1": lambda: each(fit(SLEEP), "(Intercept)"),
        "contest1D 2": lambda: each(fit(SLEEP), [0, 1]),
        "contest1D 3": lambda: str(fit(SLEEP).summary(ddf="satterthwaite")),
        "contest1D 4": lambda: each(fit(SLEEP), "Days", rhs=10),
        "contestMD 1": lambda: values(bm.contest(fit(CURVED), LAST).frame),
        "contestMD 2": lambda: values(bm.contest(fit(CURVED), LAST, rhs=[5, 0.1]).frame),
        "contestMD 3": lambda: values(bm.contest(fit(CURVED), LAST[1]).frame),
        "contestMD 4": lambda: values(bm.fixed_tests(fit(CURVED)).frame.iloc[2]),
        "drop1 1": lambda: single_terms(fit(ADDITIVE, "cake")),
        "drop1 2": lambda: single_terms(fit(ADDITIVE, "cake"), KR),
        "drop1 3": lambda: str(fit(ADDITIVE, "cake").drop1(test="Chisq")),
        "drop1 4": lambda: single_terms(fit(bent)),
        "drop1 5": lambda: single_terms(fit("Reaction ~ poly(Days, 2) + (Days | Subject)")),
        "ls_means 1": lambda: means(fit(SLOPED, "cake"), "recipe"),
        "ls_means 2": lambda: means(fit(SLOPED, "cake"), "recipe", pairwise=True),
        "plot.ls_means 1": lambda: means(fit(crossed, "cake"), *PAIR, list(PAIR)),
        "plot.ls_means 2": lambda: means(fit(crossed, "cake"), "Temp", pairwise=True),
        "ranova 1": lambda: str(bm.ranova(fit(SLEEP))),
        "ranova 2": lambda: compared(
            fit(SLEEP),
            fit("Reaction ~ Days + (1 | Subject)"),
            "m",
            "lmer(Reaction ~ Days + (1 | Subject), sleepstudy)",
            refit=False,
        ),
        "ranova 3": lambda: str(bm.ranova(fit(SLEEP), reduce_terms=False)),
        "ranova 4": lambda: str(bm.ranova(fit(TV, "TVbo"))),
        "show_tests 1": lambda: str(fit(SLOPED, "cake").anova(ddf="satterthwaite", type="III")),
        "show_tests 2": lambda: str(fit(SLOPED, "cake").anova(ddf="satterthwaite", type="I")),
        "show_tests 3": lambda: str(fit(SLOPED, "cake").anova(ddf="satterthwaite", type="II")),
        "summary 1": lambda: str(fit(APART).summary(ddf="satterthwaite")),
        "summary 2": lambda: values(fit(APART).summary(ddf="satterthwaite").coefficients),
        "summary 3": lambda: str(fit(APART).summary(ddf=KR)),
        "summary 4": lambda: values(fit(APART).summary().coefficients),
        "carrots 1": lambda: str(
            fit("Preference ~ sens2 + Homesize + (1 + sens2 | Consumer)", "carrots").anova(
                ddf="satterthwaite"
            )
        ),
        "ham 1": lambda: str(
            fit("Informed.liking ~ Product * Information + (1 | Consumer)", "ham").anova(
                ddf="satterthwaite"
            )
        ),
        "TVbo 1": lambda: str(bm.ranova(fit(TV2, "TVbo"))),
        "TVbo 2": lambda: str(fit(TV2, "TVbo").anova(ddf="satterthwaite")),
        "lmerTest-package 1": lambda: str(ham().summary(ddf="satterthwaite")),
        "lmerTest-package 2": lambda: str(ham().anova(ddf="satterthwaite")),
        "lmerTest-package 3": lambda: str(ham().anova(ddf=KR, type=2)),
        "lmerTest-package 4": lambda: str(bm.ranova(ham())),
        "lmerTest-package 5": lambda: means(
            ham(), "Gender", "Information", "Product", ["Information", "Product"]
        ),
        "lmerTest-package 6": lambda: means(ham(), "Product", pairwise=True),
        "lmerTest-package 7": lambda: values(bm.contest(ham(), np.eye(9)[1:3]).frame),
    }


def pbkrtest_pages() -> dict[str, Callable[[], Answer]]:
    return {
        "kr-modcomp 1": lambda: compared(
            fit(SLEEP), fit("Reaction ~ 1 + (Days | Subject)"), "four", "without"
        ),
        "kr-modcomp 2": lambda: kenward_roger(fit(SLEEP), "Days"),
        "kr-modcomp 3": lambda: kenward_roger(fit(APART), [[0, 1]]),
        "get_ddf_Lb 1": lambda: bm.fixed_tests(fit(SLEEP), ddf=KR).frame["df"][1:],
        "vcovAdj 1": lambda: values(bm.vcov_adj(fit(SLEEP)) / fit(SLEEP).vcov),
        "pb-modcomp 1": lambda: beets(". ~ . - harvest"),
        "pb-modcomp 2": lambda: beets(". ~ . - sow"),
        "sat-modcomp 1": lambda: satterthwaite(fit(SLEEP), [[0, 1]]),
        "sat-modcomp 2": lambda: satterthwaite(
            fit("Reaction ~ Days + I(Days^2) + (Days | Subject)"), LAST
        ),
    }


PAGES = {
    f"{package} {name}": run
    for package, pages in (
        ("lme4", lme4_pages()),
        ("lmerTest", lmertest_pages()),
        ("pbkrtest", pbkrtest_pages()),
    )
    for name, run in pages.items()
}
