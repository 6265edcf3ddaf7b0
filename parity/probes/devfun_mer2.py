"""bootmlm's deviance as a function of theta, on a grid."""

import pybootmlm as bm
from parity.probes.on_grid import on_grid
from parity.probes.probe import Probe

PROBE = Probe(
    name="devfun_mer2",
    what="deviance as a function of theta, on a grid",
    package="bootmlm",
    r="bootmlm::devfun_mer2(m)(theta)",
    python="devfun_mer2(fit)(theta)",
    compute=on_grid(bm.devfun_mer2),
    takes=("points",),
)
