"""How two answers become a verdict: one rule a file."""

from collections.abc import Callable

from parity.judges.fifty_digits import judge_fifty_digits
from parity.judges.hessian import judge_hessian
from parity.judges.independent import judge_independent
from parity.judges.influence import judge_influence
from parity.judges.limits import judge_limits, judge_profile_points
from parity.judges.optimum import judge_optimum
from parity.judges.printed import judge_printed
from parity.judges.profile import judge_profile
from parity.judges.replicates import judge_replicates
from parity.judges.tightened import judge_tightened
from parity.judges.values import judge_values
from parity.trial import Trial
from parity.verdict import Finding

JUDGES: dict[str, Callable[[Trial], Finding]] = {
    "values": judge_values,
    "optimum": judge_optimum,
    "hessian": judge_hessian,
    "influence": judge_influence,
    "profile": judge_profile,
    "limits": judge_limits,
    "profile_points": judge_profile_points,
    "replicates": judge_replicates,
    "printed": judge_printed,
    "independent": judge_independent,
    "fifty_digits": judge_fifty_digits,
    "tightened": judge_tightened,
}

__all__ = ["JUDGES"]
