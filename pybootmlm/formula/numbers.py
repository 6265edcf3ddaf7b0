"""Numbers as R writes them, which is how they appear in labels and in level names."""

import math


def r_text(value: float) -> str:
    """
    Text of a double as R's ``as.character`` gives it: 15 digits, the shorter notation.

    Examples
    --------
    >>> r_text(1.0), r_text(2.5), r_text(100000.0), r_text(0.1 + 0.2)
    ('1', '2.5', '1e+05', '0.3')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    if value == 0:
        return "0"
    mantissa, _, exponent_text = f"{abs(value):.14e}".partition("e")
    digits = mantissa.replace(".", "").rstrip("0")
    exponent = int(exponent_text)
    decimals = max(0, len(digits) - 1 - exponent)
    fixed = f"{abs(value):.{decimals}f}"
    scientific = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    scientific += f"e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    shorter = fixed if len(fixed) <= len(scientific) else scientific
    return "-" + shorter if value < 0 else shorter
