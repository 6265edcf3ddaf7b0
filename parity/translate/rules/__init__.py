"""What each function of R is in Python, a file for each family."""

from parity.translate.rules import (
    bootstraps,
    columns,
    elements,
    fit_methods,
    frames,
    groups,
    indexing,
    joining,
    lists,
    matrices,
    models,
    operators,
    pictures,
    random,
    reading,
    rows,
    summaries,
    texts,
    vectors,
)
from parity.translate.rules.pictures import PICTURES
from parity.translate.rules.table import RULES

FAMILIES = (
    bootstraps, columns, elements, fit_methods, frames, groups, indexing, joining, lists, matrices,
    models, operators, pictures, random, reading, rows, summaries, texts, vectors,
)  # fmt: skip

__all__ = ["FAMILIES", "PICTURES", "RULES"]
