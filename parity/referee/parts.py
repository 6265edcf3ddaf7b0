"""Which columns of Z belong together, and what 50 digits of them cost."""

from collections import defaultdict

from parity.errors import EvidenceError
from parity.referee.rows import Rows

DIGITS = 50
# What one evaluation may cost, in multiplications: about three seconds, at three microseconds each.
LIMIT = 1_000_000
# What the cross-products may cost, in multiplications of integers: about a second.
LIMIT_ROWS = 10_000_000


def linked(rows: Rows) -> list[list[tuple[int, int]]]:
    """Blocks of columns (term, first column) that rows link, a list for each connected part."""
    firsts: list[tuple[int, int]] = []
    owner: list[int] = []
    for k, term in enumerate(rows.terms):
        for _ in range(term.levels):
            firsts.append((k, len(owner)))
            owner += [len(firsts) - 1] * term.size
    parent = list(range(len(firsts)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    seen: dict[int, int] = {}
    for i, c in zip(rows.row.tolist(), rows.column.tolist(), strict=True):
        block = owner[c]
        parent[root(block)] = root(seen.setdefault(i, block))
    groups: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for block, first in enumerate(firsts):
        groups[root(block)].append(first)
    return list(groups.values())


def cost(rows: Rows) -> int:
    """Multiplications of one evaluation: the Cholesky factors of the parts and their solutions."""
    t = rows.X.shape[1] + 1
    sizes = [sum(rows.terms[k].size for k, _ in blocks) for blocks in linked(rows)]
    return int(sum(q**3 // 3 + 2 * q * q + q * q * t + q * t * t // 2 for q in sizes))


def check_size(rows: Rows) -> None:
    """Raise `EvidenceError` where 50 digits would take too long."""
    each = len(rows.entry) / max(1, len(rows.y)) + rows.X.shape[1] + 1
    once, again = int(len(rows.y) * each**2 / 2), cost(rows)
    for needed, limit, what in (
        (once, LIMIT_ROWS, "cross-products"),
        (again, LIMIT, "an evaluation"),
    ):
        if needed > limit:
            message = (
                f"the model is too large: {what} in {DIGITS} digits would take {needed:,} "
                f"multiplications, more than the {limit:,} that are allowed"
            )
            raise EvidenceError(message)
