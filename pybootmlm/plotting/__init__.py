"""Pictures of fits, profiles and bootstraps; matplotlib is imported when one is asked for.

Each takes what it is a picture of, options by name only, and `ax`, where to draw; it returns the
axes, to be changed and saved: ``ax.figure.savefig("picture.svg")``.
"""

from pybootmlm.plotting.caterpillar import caterpillar
from pybootmlm.plotting.densities import densities
from pybootmlm.plotting.predictions import predictions
from pybootmlm.plotting.profile_density import profile_density
from pybootmlm.plotting.profile_zeta import profile_zeta
from pybootmlm.plotting.residuals_fitted import residuals_fitted
from pybootmlm.plotting.residuals_leverage import residuals_leverage
from pybootmlm.plotting.residuals_qq import residuals_qq
from pybootmlm.plotting.residuals_scale import residuals_scale
from pybootmlm.plotting.shrinkage import shrinkage

__all__ = [
    "caterpillar",
    "densities",
    "predictions",
    "profile_density",
    "profile_zeta",
    "residuals_fitted",
    "residuals_leverage",
    "residuals_qq",
    "residuals_scale",
    "shrinkage",
]
