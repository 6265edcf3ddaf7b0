"""The bootstraps that refit resampled responses, replicate by replicate."""

from parity.probes.probe import Probe
from parity.probes.replicates import replicates

PROBE = Probe(
    name="bootstrap_mer",
    what="residual and REB bootstraps, replicate by replicate",
    package="bootmlm",
    r="set.seed(seed); bootmlm::bootstrap_mer(m, estimates, nsim, type)",
    python="bootstrap_mer(fit, estimates, nsim, type=..., rng=RStream(seed))",
    compute=replicates,
    judge="replicates",
    record="boot",
)
