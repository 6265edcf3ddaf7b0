"""What constructs of R become, written by hand; and what is refused, with its reason."""

import subprocess
import sys

import pytest

from parity.translate import Status, translate
from parity.translate.rules import FAMILIES, PICTURES, RULES

FIT = "fit <- lmer(Reaction ~ Days + (1 | Subject), sleepstudy)\n"

# R, and the line that someone who writes Python would write.
LINES = [
    ("fit2 <- update(fit, . ~ . + I(Days^2), REML = FALSE)",
     'fit2 = fit.update(". ~ . + I(Days^2)", reml=False)'),
    ('c(getME(fit, "beta"), sigma(fit))', "print(np.r_[fit.beta, fit.sigma])"),
    ("1 / (1 + fit@theta^(-2))", "print(1 / (1 + fit.theta ** (-2)))"),
    ('as.data.frame(VarCorr(fit))[, "sdcor"]', 'print(fit.varcorr.to_frame()["sdcor"])'),
    ('predict(fit, re.form = NA)', 'print(fit.predict(re_form="~0"))'),
    ('residuals(fit, "pearson", scaled = TRUE)', 'print(fit.residuals("pearson", scaled=True))'),
    ("anova(fit)", "print(fit.anova())"),
    ("fixef(fit)[2]", "print(fit.fixef.iloc[1])"),
    ('fixef(fit)[["Days"]]', 'print(fit.fixef["Days"])'),
    ("vcov(fit)[2, 2]", "print(fit.vcov.iloc[1, 1])"),
    ("boo <- bootstrap_mer(fit, fixef, 99, seed = 3)", "rng = bm.RStream(3)"),
    ("boo <- bootstrap_mer(fit, fixef, 99, seed = 3)",
     'boo = bm.bootstrap_mer(fit, "fixef", nsim=99, rng=rng)'),
    ("d <- sleepstudy[sleepstudy$Days > 2, ]", 'd = sleepstudy[sleepstudy["Days"] > 2]'),
    ("d <- sleepstudy[order(-sleepstudy$Days), ]",
     'd = sleepstudy.sort_values("Days", ascending=False, kind="stable")'),
    ("m <- tapply(sleepstudy$Reaction, sleepstudy$Subject, mean)",
     'm = sleepstudy["Reaction"].groupby(sleepstudy["Subject"], observed=True).mean()'),
    ("x <- seq(0, 1, by = 0.25)", "x = 0 + 0.25 * np.arange(int((1 - 0) / 0.25 + 1e-10) + 1)"),
    ("x <- c(3, 1, 2); x[-1]", "print(np.delete(x, 0))"),
    ("x <- c(3, 1, 2); x[2:3]", "print(x[1:3])"),
    ("x <- c(3, 1, 2); sd(x)", "print(np.std(x, ddof=1))"),
    ("for (i in seq_along(x <- 1:3)) print(i)", None),
    ("set.seed(1); y <- sample(1:9, 3)", "y = rng.sample(np.arange(1, 10), 3)"),
    ("set.seed(1, sample.kind = 'Rounding')", 'rng = bm.RStream(1, sample_kind="Rounding")'),
    ('d <- read.csv("a.csv", sep = ";", na.strings = c("", "-"))',
     'd = pd.read_csv("a.csv", sep=";", na_values=["", "-"])'),
    ('d <- readRDS("a.rds")', 'd = rdata.read_rds("a.rds")'),
    ("my.var <- 1; lambda <- 2; print(my.var + lambda)", "print(my_var + lambda_)"),
]  # fmt: skip


@pytest.mark.parametrize(("r", "python"), LINES)
def test_a_line_of_r_becomes_the_line_of_python(r, python):
    made = translate(FIT + r)
    if python is None:
        assert not made.complete
    else:
        assert python in made.python.split("\n")
        assert made.complete


REFUSED = [
    ("attach(sleepstudy)", "attach() makes columns look like variables"),
    ("m <- glmer(y ~ x + (1 | g), d)", "glmer() fits a kind of model"),
    ("x <- nobody(1)", "nobody() is not among the functions"),
    ("x <- y + 1", "nothing before this line sets `y`"),
    ("x <- eval(parse(text = 'a'))", "eval() is not among the functions"),
    ("f <- function(...) list(...)", "`...` can be given anything"),
    ("x <<- 1", "<<- sets a variable outside"),
    ("fit <- lmer(y ~ x + (1 | g))", "has no `data`"),
    ("fit <- lmer(Reaction ~ 1 + (1 | Subject), sleepstudy, na.action = na.pass)", "na.pass"),
    ("x <- c(a = 1, 2)", "names something"),
    ("x <- 3:1", "counts down"),
    ("x <- sample(5.5 * 2)", "R draws from 1 to it"),
    ("x <- c('a', 1)", "mixes texts and numbers"),
    ("x <- sleepstudy$Nothing", "the data have no column `Nothing`"),
    ("b <- bootMer(fit, fixef, 9, use.u = TRUE)", "keeps the random effects"),
    ("x <- cut(sleepstudy$Days, 3)", "cut() without `labels`"),
    ("x <- scale(sleepstudy$Days, center = FALSE)", "root mean square"),
    ("x <- merge(sleepstudy, sleepstudy)", "without `by`"),
    ("x <- mean(sleepstudy$Days, trim = 0.1)", "`trim` is no argument of mean()"),
    ("d <- read.csv('a.csv'); Days <- 1; e <- subset(d, Days > 1)", "may be a column of the data"),
    ("for (i in 1:3) { x <- nobody(i) }", "nobody() is not among the functions"),
    ("if (TRUE) x <- 1 else x <- nobody(2)", "nobody() is not among the functions"),
    ("plot(sleepstudy)", "draws a data frame"),
    ("contrasts(sleepstudy$Subject) <- 'contr.sum'", "give lmer() the argument `contrasts`"),
    ("x <- 1i", "complex numbers"),
    ("set.seed(nobody)", "nothing before this line sets `nobody`"),
    ("h <- numDeriv::hessian(fit, 1)", "should be a deviance function or a function"),
]  # fmt: skip


@pytest.mark.parametrize(("r", "reason"), REFUSED)
def test_what_is_not_sure_stays_as_a_comment_with_its_reason(r, reason):
    made = translate(FIT + r)
    (missing,) = made.untranslated
    assert reason in missing.reason
    assert missing.line == 2
    assert "not translated: " in made.python
    compile(made.python, "translation", "exec")
    assert any(reason in line and "line 2" in line for line in made.summary())


def test_what_depends_on_a_missing_statement_is_missing_too_and_says_so():
    made = translate("x <- nobody(1)\ny <- x + 1\nz <- 2\n")
    assert [p.line for p in made.untranslated] == [1, 2]
    assert "which line 1 sets and which is not translated" in made.untranslated[1].reason
    assert "z = 2" in made.python


def test_a_variable_that_is_lost_is_not_the_earlier_one():
    made = translate("x <- 1\nx <- nobody(2)\ny <- x\n")
    assert [p.line for p in made.untranslated] == [2, 3]


def test_comments_stay_at_their_statements():
    made = translate("# before\nx <- 1 # behind\n\n# last\n")
    assert made.python.endswith("# before\nx = 1  # behind\n\n# last\n")


def test_names_of_ours_give_way_to_those_of_the_script():
    made = translate("d <- sleepstudy\nslope <- 2\ne <- transform(d, z = Days * slope)\nbm <- 3")
    assert 'e = d.assign(z=lambda d_: d_["Days"] * slope)' in made.python
    assert "bm_ = 3" in made.python
    compile(made.python, "translation", "exec")


def test_draws_without_a_seed_get_one_and_it_is_said():
    made = translate("x <- rnorm(3)\ny <- rnorm(2)\n")
    assert made.seed_added == 1
    assert made.python.count("rng = bm.RStream(1)") == 1
    assert any("sets no seed" in line for line in made.summary())
    assert translate("set.seed(3)\nx <- rnorm(3)").seed_added is None


def test_nothing_of_a_script_is_run(tmp_path):
    target = tmp_path / "ran"
    script = f'file.create("{target}")\nsystem("touch {target}")\nx <- 1\n'
    for reader in ("own", "auto"):
        made = translate(script, reader=reader)
        assert [p.status for p in made.pieces][:2] == [Status.UNTRANSLATED] * 2
    assert not target.exists()


def test_every_rule_belongs_to_one_family():
    modules = {family.__name__ for family in FAMILIES}
    assert {rule.__module__ for rule in RULES.values()} <= modules
    assert {draw.__module__ for draw in PICTURES.values()} <= modules
    assert len(RULES) > 200


def test_the_text_is_the_same_in_another_process():
    code = "from parity.translate import translate; print(translate('x <- c(a = 1, b = 2)').python)"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout == translate("x <- c(a = 1, b = 2)").python + "\n"


@pytest.mark.parametrize(
    ("r", "said"),
    [
        ('d <- read.csv("a.csv"); d$z <- d$x > 3', "a condition on a missing value is NA in R"),
        ('d <- read.csv("a.csv"); y <- ifelse(d$x > 3, 1, 0)', "a condition on a missing value"),
        ('d <- read.csv("a.csv"); m <- mean(d$x)', "summaries of a column with missing values"),
        ("fit <- lmer(Reaction ~ 1 + (1 | Subject), sleepstudy, control = lmerControl())",
         "`control` is left out"),
        ("m <- merge(sleepstudy, sleepstudy, by = 'Days')", "the order of rows with the same key"),
        ("system.time(x <- 1)", "system.time() is left out"),
    ],
)  # fmt: skip
def test_what_a_reader_should_know_is_said_beside_the_line_and_at_the_end(r, said):
    made = translate(r)
    assert any(said in line for line in made.summary())
    joined = " ".join(line.lstrip("# ") for line in made.python.split("\n"))
    assert said in joined


def test_packaged_data_miss_nothing_so_nothing_is_said():
    made = translate("m <- mean(sleepstudy$Days)\nx <- sleepstudy$Days > 3\n")
    assert not any("note" in line for line in made.summary())
