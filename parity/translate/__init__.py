"""From an R script to a Python script that says the same, and the proof that it does."""

from parity.translate.script import translate
from parity.translate.translation import Piece, Status, Translation

__all__ = ["Piece", "Status", "Translation", "translate"]
