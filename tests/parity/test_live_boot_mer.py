"""lme4's own bootstrap, live: it needs no bootmlm, so it runs wherever there is R."""

import shutil
import subprocess

import pytest

from parity.oracles.live import LiveOracle
from parity.paths import r_reference_folder
from parity.verdict import Verdict
from parity.versions import in_range

pytestmark = pytest.mark.live_r

REML = "sleepstudy-slope/REML/boot_mer"


@pytest.fixture(scope="module")
def live():
    oracle = LiveOracle()
    yield oracle
    oracle.close()


def test_an_old_lme4_is_told_by_the_report_itself(live, case_of, make_runner):
    finding = make_runner(oracle=live).decide(case_of(REML)).finding
    if not in_range(live.environment()["lme4"], "<1.1.33"):
        assert finding.verdict is Verdict.MATCH
        return
    assert finding.verdict is Verdict.EXPLAINED
    assert finding.deviation == "lme4-refit-reml-df"
    assert any("n - 1" in name for name in finding.evidence)
    without = make_runner(oracle=live, deviations=()).decide(case_of(REML)).finding
    assert without.verdict is Verdict.MISMATCH
    assert without.reason.startswith("R's refits report another criterion")


@pytest.mark.parametrize(("column", "factor"), [(-1, 1 + 1e-7), (-2, 1 + 1e-6)])
def test_the_defect_excuses_no_other_error(column, factor, live, case_of, make_runner, perturbed):
    def change(quantity, value):
        if quantity == "boot_mer":
            value.numbers[:, column] *= factor  # the criterion, or sigma
        return value

    finding = make_runner(perturbed(change), live).decide(case_of(REML)).finding
    assert finding.verdict is Verdict.MISMATCH


@pytest.mark.parametrize("name", ["dyestuff/REML/boot_mer", "sleepstudy-slope/ML/boot_mer"])
def test_models_without_the_defect_match(name, live, case_of, make_runner):
    finding = make_runner(oracle=live).decide(case_of(name)).finding
    assert finding.verdict is Verdict.MATCH, finding.reason


ASKED_BESIDE = """
library(lme4)
source(commandArgs(TRUE))
m <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy, REML = FALSE)
state <- function() unserialize(serialize(list(
  m@theta, m@pp$theta, m@pp$Lambdat, m@pp$Zt, m@pp$X, m@pp$delu, m@pp$beta0, m@pp$V, m@resp$y,
  m@resp$mu, getME(m, "L")@x, getME(m, "RX"), sigma(m), ranef(m)), NULL))
before <- state()
same <- all.equal(criterion_at_stop(m), deviance(m), tolerance = 1e-12)
moved <- criterion_at_stop(m, 2 * m@theta) > deviance(m) + 1
copied <- identical(state(), before)
invisible(m@pp$setTheta(2 * m@theta))
cat(same, moved, copied, identical(state(), before))
"""


def test_asking_for_the_criterion_leaves_the_fit_as_it_was(tmp_path):
    """lme4's deviance functions write into their parts; the last one: a change would be seen."""
    script = tmp_path / "asked.R"
    script.write_text(ASKED_BESIDE)
    done = subprocess.run(
        [shutil.which("Rscript"), "--vanilla", script, r_reference_folder() / "bootstrap.R"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["TRUE", "TRUE", "TRUE", "FALSE"]
