"""bootmlm's deviance as a function of theta and sigma, on a grid."""

import pybootmlm as bm
from parity.probes.on_grid import on_grid
from parity.probes.probe import Probe

PROBE = Probe(
    name="devfun_mer",
    what="deviance as a function of theta and sigma, on a grid",
    package="bootmlm",
    r="bootmlm::devfun_mer(m)(th_sig)",
    python="devfun_mer(fit)(th_sig)",
    compute=on_grid(bm.devfun_mer),
    takes=("points",),
)
