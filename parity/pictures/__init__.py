"""Pictures of comparisons; matplotlib is imported when one is drawn."""

from parity.pictures.agreement import agreement

__all__ = ["agreement"]
