"""R's random-number generators as objects, bit for bit."""

from pybootmlm.rng.stream import RStream

__all__ = ["RStream"]
