"""When two evaluations of a criterion at one theta are the same."""

_RELATIVE = 1e-10  # an order above the tolerance `criterion`, which has a case of its own


def criteria_agree(one: float, other: float, relative: float = _RELATIVE) -> bool:
    """Say whether two evaluations at one theta agree, to ten digits if no other share is given."""
    return abs(one - other) <= 1e-8 + relative * abs(one)
