"""Ranges of R package versions: ``">=1.1.30, <1.1.33"``."""

import re

from parity.errors import CaseError

_BOUND = re.compile(r"\s*(>=|<=|==|<|>)\s*([0-9][0-9.\-]*)\s*")


def version_key(version: str) -> tuple[int, ...]:
    """Return a version as numbers; R's "1.1-33" is "1.1.33".

    Examples
    --------
    >>> version_key("1.1-33") > version_key("1.1.4")
    True
    """
    return tuple(int(part) for part in re.split(r"[.\-]", version) if part)


def in_range(version: str, bounds: str) -> bool:
    """Say whether a version lies in all bounds of a comma-separated list."""
    key = version_key(version)
    for bound in bounds.split(","):
        matched = _BOUND.fullmatch(bound)
        if matched is None:
            message = f"a version range must read like '>=1.1, <1.1.33'; got '{bounds}'"
            raise CaseError(message)
        other = version_key(matched.group(2))
        width = max(len(key), len(other))
        left = key + (0,) * (width - len(key))
        right = other + (0,) * (width - len(other))
        holds = {
            ">=": left >= right,
            "<=": left <= right,
            "==": left == right,
            "<": left < right,
            ">": left > right,
        }
        if not holds[matched.group(1)]:
            return False
    return True
