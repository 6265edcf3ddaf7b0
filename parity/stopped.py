"""What a case's reader is told when R stopped with an error of its own."""

import re

from parity.errors import RError
from parity.verdict import Finding, Verdict

# What R says where a function has other arguments than the caller thinks, or is not there.
_OTHER_FUNCTION = re.compile(
    r"unused arguments? \(|could not find function|is not an exported object|"
    r"argument \".*\" is missing, with no default|^object '.*' not found"
)
_NAMED = ("R", "bootmlm", "lme4", "Matrix", "numDeriv", "boot")


def stopped(error: RError) -> Finding:
    """Say what R said, in which call and under which versions."""
    under = ", ".join(f"{name} {error.versions[name]}" for name in _NAMED if name in error.versions)
    evidence = {"the call": error.call, "under": under}
    reason = f"R stopped: {error}"
    if _OTHER_FUNCTION.search(str(error)):
        reason += (
            f". Under {under or 'these versions'}, a function takes other arguments than this case "
            "gives it, or is not there: ask an R with other versions (`--rscript COMMAND`, or "
            "R_LIBS for a package), compare with the recorded answers (`--oracle recorded`), or "
            "leave the case out"
        )
    return Finding(Verdict.R_ERROR, reason, None, {k: v for k, v in evidence.items() if v})
