"""How tightly R's operators bind: the higher, the tighter (R's help page "Syntax")."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Binding:
    """An operator between two operands; `side` is where it groups: left, right or none."""

    power: int
    side: str = "left"


ASSIGNMENT = 5  # of `=`, which is an assignment only where a statement can stand

BINARY: dict[str, Binding] = {
    "?": Binding(1), "=": Binding(ASSIGNMENT, "right"),
    "<-": Binding(10, "right"), "<<-": Binding(10, "right"), ":=": Binding(10, "right"),
    "->": Binding(12), "->>": Binding(12), "~": Binding(14),
    "|": Binding(16), "||": Binding(16), "&": Binding(18), "&&": Binding(18),
    **{name: Binding(22, "none") for name in ("<", ">", "<=", ">=", "==", "!=")},
    "+": Binding(24), "-": Binding(24), "*": Binding(26), "/": Binding(26), "|>": Binding(28),
    ":": Binding(32), "^": Binding(36, "right"), "$": Binding(38), "@": Binding(38),
    "::": Binding(40), ":::": Binding(40),
}  # fmt: skip

PREFIX = {"-": 34, "+": 34, "!": 20, "~": 15, "?": 2}
SPECIAL = Binding(28)  # %in%, %>%, %%


def binding(operator: str) -> Binding | None:
    """The binding of an operator, None if it does not stand between operands.

    Examples
    --------
    >>> binding("%in%").power, binding("^").side
    (28, 'right')
    """
    return SPECIAL if operator.startswith("%") else BINARY.get(operator)
