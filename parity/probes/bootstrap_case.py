"""The case bootstrap, replicate by replicate."""

from parity.probes.probe import Probe
from parity.probes.replicates import replicates

PROBE = Probe(
    name="bootstrap_case",
    what="case bootstrap, replicate by replicate",
    package="bootmlm",
    r='set.seed(seed); bootmlm::bootstrap_mer(m, estimates, nsim, "case")',
    python="bootstrap_mer(fit, estimates, nsim, type='case', rng=RStream(seed))",
    compute=replicates,
    judge="replicates",
    record="boot",
)
