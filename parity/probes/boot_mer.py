"""The parametric bootstrap, replicate by replicate."""

from parity.probes.probe import Probe
from parity.probes.replicates import replicates

PROBE = Probe(
    name="boot_mer",
    what="parametric bootstrap, replicate by replicate",
    package="lme4",
    r="set.seed(seed); bootMer(m, estimates, nsim)",
    python="bootstrap_mer(fit, estimates, nsim, rng=RStream(seed))",
    compute=replicates,
    judge="replicates",
    record="boot",
)
