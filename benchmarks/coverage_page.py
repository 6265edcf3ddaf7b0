"""The page about the study of coverage, made of its data: every number on it is counted here."""

import pandas as pd

TITLES = {
    "norm": "normal",
    "basic": "basic",
    "stud": "studentised",
    "perc": "percentile",
    "bca": "BCa",
}
ESTIMANDS = {
    "icc": "The intraclass correlation",
    "d": "The standardised mean difference",
}


def page(frame: pd.DataFrame, facts: dict) -> str:
    """The page, in Markdown."""
    parts = [introduction(frame, facts)]
    for estimand, title in ESTIMANDS.items():
        part = frame[frame["estimand"] == estimand]
        parts += [f"## {title}", picture(estimand), table(part, facts), findings(part, facts)]
        parts.append(remark(estimand, part))
    parts += ["## Widths", widths(frame), "## Without an interval", failures(frame, facts)]
    parts += ["## What this does not show", limits(frame, facts)]
    return "\n\n".join(parts) + "\n"


def introduction(frame: pd.DataFrame, facts: dict) -> str:
    """What was done."""
    designs = frame[facts["factors"]].drop_duplicates()
    values = {name: sorted(set(designs[name])) for name in facts["factors"]}
    minutes = facts["processor_seconds"] / 60
    error = 100 * (0.95 * 0.05 / facts["datasets"]) ** 0.5
    return f"""<!-- made by `python benchmarks/coverage_study.py`; do not edit -->
# How often the intervals hold the truth

A small study with the [study runner](study.md), in the manner of Lai (2021), who compared intervals
for the standardised mean difference of cluster-randomised trials: {len(designs)} designs,
{facts["datasets"]} data sets each, {facts["nsim"]} replicates of each of {and_(frame["bootstrap"])}
bootstraps, nominal level {facts["level"]:.0%}, REML, seed {facts["seed"]}.

- clusters: {and_(values["clusters"])}, every second one treated; rows a cluster:
  {and_(values["size"])};
- ICC: {and_(values["icc"])}; standardised mean difference: {and_(values["d"])};
- distribution of cluster effects and errors: {and_(values["distribution"])}, with mean 0 and
  the variances that the ICC says; chi2(1) is a chi-square with one degree of freedom, shifted and
  scaled: skewness 2.8, kurtosis 15.

`python benchmarks/coverage_study.py` repeats it ({minutes:.0f} minutes of one core, on a busy
machine) and writes this page, from [coverage/coverage.csv](coverage/coverage.csv).

A coverage is a share of {facts["datasets"]} data sets. Where it is 95%, its Monte Carlo standard
error is {error:.1f} points. In the tables a value is **bold** where its exact 95% limits do not
reach the nominal level; of {len(frame)} values, up to {0.05 * len(frame):.0f} or so would be by
chance if all intervals held their level."""


def picture(estimand: str) -> str:
    """The plot."""
    return f"![Coverage of each interval by design and bootstrap](coverage/{estimand}.png)"


def table(part: pd.DataFrame, facts: dict) -> str:
    """Coverage by design and bootstrap, one column a kind of interval, in percent."""
    kinds = list(dict.fromkeys(part["interval"]))
    names = varied(part, facts)
    lines = [
        f"| {' | '.join(names)} | bootstrap | {' | '.join(TITLES[kind] for kind in kinds)} |",
        f"|{'---|' * (len(names) + 1)}{'---:|' * len(kinds)}",
    ]
    for key, rows in part.groupby([*names, "bootstrap"], sort=False):
        cells = [share(row, facts) for _, row in rows.set_index("interval").loc[kinds].iterrows()]
        lines.append(f"| {' | '.join(map(str, key))} | {' | '.join(cells)} |")
    return "\n".join(lines)


def share(row: pd.Series, facts: dict) -> str:
    """A coverage in percent, bold where it is not the nominal one."""
    text = f"{100 * row['coverage']:.1f}"
    return f"**{text}**" if off(row, facts) else text


def off(row: pd.Series, facts: dict) -> bool:
    """Whether the exact limits of a coverage do not reach the nominal level."""
    return bool(row["coverage_high"] < facts["level"] or row["coverage_low"] > facts["level"])


def findings(part: pd.DataFrame, facts: dict) -> str:
    """Means over designs, and how many are off, best mean distance first."""
    marked = part.assign(
        off=[off(row, facts) for _, row in part.iterrows()],
        distance=(part["coverage"] - facts["level"]).abs(),
    )
    groups = marked.groupby(["bootstrap", "interval"], sort=False)
    summary = groups.agg(
        mean=("coverage", "mean"),
        lowest=("coverage", "min"),
        highest=("coverage", "max"),
        distance=("distance", "mean"),
        off=("off", "sum"),
    ).sort_values("distance", kind="stable")
    lines = [
        "Over the designs, nearest to the nominal level first:",
        "",
        "| bootstrap | interval | mean | lowest | highest | mean distance | designs off |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for (bootstrap, interval), row in summary.iterrows():
        numbers = [row["mean"], row["lowest"], row["highest"], row["distance"]]
        cells = " | ".join(f"{100 * value:.1f}" for value in numbers)
        designs = f"{int(row['off'])} of {len(part) // len(summary)}"
        lines.append(f"| {bootstrap} | {TITLES[interval]} | {cells} | {designs} |")
    return "\n".join(lines)


def remark(estimand: str, part: pd.DataFrame) -> str:
    """What to make of it."""
    means = part.groupby(["bootstrap", "interval"])["coverage"].mean()
    if estimand == "icc":
        return (
            "An estimated ICC cannot fall below zero, and neither can its replicates. So the upper "
            "limit of a basic interval, twice the estimate less a low quantile, is at most twice "
            "the estimate: where the estimate is small, the interval lies below the truth. The "
            f"data show it: {part_below(part, 'basic')} of the basic intervals lie below the truth "
            f"and {part_above(part, 'basic')} above. Skewed effects make the variance between "
            "clusters hard to know from few of them, and no kind of interval mends that."
        )
    studentised, basic = means[("residual", "stud")], means[("residual", "basic")]
    return (
        "Lai (2021) found, over his designs, a mean coverage of 94.75% for the studentised "
        "interval of the residual bootstrap, and in small samples a better one for the basic "
        f"interval. Here their means are {studentised:.1%} and {basic:.1%}."
    )


def part_below(part: pd.DataFrame, kind: str) -> str:
    """Share of a kind of interval that lies below the truth."""
    return f"{part.loc[part['interval'] == kind, 'missed_below'].mean():.1%}"


def part_above(part: pd.DataFrame, kind: str) -> str:
    """Share of a kind of interval that lies above the truth."""
    return f"{part.loc[part['interval'] == kind, 'missed_above'].mean():.1%}"


def widths(frame: pd.DataFrame) -> str:
    """Mean widths by shape of the distribution."""
    kinds = list(dict.fromkeys(frame["interval"]))
    lines = [
        "Mean width, over the designs of each distribution:",
        "",
        f"| estimand | distribution | bootstrap | {' | '.join(TITLES[kind] for kind in kinds)} |",
        f"|---|---|---|{'---:|' * len(kinds)}",
    ]
    names = ["estimand", "distribution", "bootstrap"]
    means = frame.pivot_table("mean_width", names, "interval", sort=False)
    for key, row in means.reindex(columns=kinds).iterrows():
        lines.append(f"| {' | '.join(key)} | {' | '.join(f'{row[kind]:.3f}' for kind in kinds)} |")
    return "\n".join(lines)


def failures(frame: pd.DataFrame, facts: dict) -> str:
    """How many intervals there are not, where, and why."""
    total, failed = int(frame["datasets"].sum()), int(frame["failed"].sum())
    lines = [
        f"Of {total:,} intervals {failed:,} could not be computed; a coverage is a share of the "
        "others."
    ]
    by = frame[frame["failed"] > 0].groupby(["estimand", "interval"], sort=False)["failed"].sum()
    if len(by):
        lines += ["", "| estimand | interval | missing |", "|---|---|---:|"]
        lines += [f"| {e} | {TITLES[i]} | {count:,} |" for (e, i), count in by.items()]
        lines += ["", "Their reasons, numbers replaced by #:", ""]
        reasons = facts["problems"].items()
        lines += [f"- {count:,}: {text.partition('. ')[0]}" for text, count in reasons]
    return "\n".join(lines)


def limits(frame: pd.DataFrame, facts: dict) -> str:
    """The honest limits."""
    sizes = and_(sorted(set(frame["size"])))
    return f"""- {facts["datasets"]} data sets a design tell 95% from 90%, and not from 93%. The
  order of intervals that are near to each other is noise.
- {facts["nsim"]} replicates are few for studentised and BCa limits; with 999 or more they may do
  better.
- All clusters have {sizes} rows, arms are of equal size, effects and errors have the same shape,
  and one model is fitted, the true one. Nothing is said on unbalanced trials, covariates, slopes or
  more levels.
- chi2(1) is an extreme; what lies between it and the normal is not studied.
- Where the ICC is estimated as zero, BCa has no limits. Its coverage is then that of the data sets
  that are kind to it.
- Studentised intervals use the delta-method variances of `Design.statistic`; others may do better.

## References

- Lai, M. H. C. (2021). Bootstrap confidence intervals for multilevel standardized effect size.
  *Multivariate Behavioral Research* 56, 558-578.
  [doi:10.1080/00273171.2020.1746902](https://doi.org/10.1080/00273171.2020.1746902)
- Hedges, L. V. (2007). Effect sizes in cluster-randomized designs. *Journal of Educational and
  Behavioral Statistics* 32, 341-370.
- Morris, T. P., White, I. R. and Crowther, M. J. (2019). Using simulation studies to evaluate
  statistical methods. *Statistics in Medicine* 38, 2074-2102."""


def varied(frame: pd.DataFrame, facts: dict) -> list[str]:
    """Factors that have more than one value."""
    return [name for name in facts["factors"] if len(set(frame[name])) > 1]


def and_(values) -> str:
    """List values, once each."""
    texts = [str(value) for value in dict.fromkeys(values)]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
