"""What a proof is."""

from collections.abc import Callable, Mapping

from parity.compare import Comparison
from parity.trial import Trial

Evidence = Mapping[str, str]
Proof = Callable[[Trial], Evidence | None]


def agree(comparison: Comparison) -> str:
    """Say of a comparison that has passed how near the two are."""
    return f"agree, to {comparison.digits:.1f} digits"
