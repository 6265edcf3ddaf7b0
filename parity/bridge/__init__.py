"""R in a process of its own; the only folder that imports rpy2."""

from parity.bridge.process import RProcess

__all__ = ["RProcess"]
