"""What R does wrong, done on purpose: by these few lines a proof turns our numbers into R's.

Resampled data take the names of R's slips as the input ``as_r`` of their probes:

``offset``
    The offset is not part of the mean: it stays in the residuals.
``weights``
    Prior weights count for the estimates only.
``level-order``
    Residuals drawn cluster by cluster are laid on the rows as they come.
``terms``
    Effects are cut into as many parts as there are factors, recycled.
``symmetric-root``
    Effects with a singular second moment are whitened by its symmetric root.
``pools``
    Effects and errors are R's own, which are inputs too (``effects``, ``errors``).
``merged``
    Clusters drawn twice are one cluster.
``covariate``
    The number of the new cluster replaces the covariate that has the grouping variable's name.
"""

from parity.emulation.cases import regrouped
from parity.emulation.plans import plan_as_r

__all__ = ["plan_as_r", "regrouped"]
