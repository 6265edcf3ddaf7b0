"""Answers that owe nothing to R and nothing to the implementation under test.

They guard against an error that both engines share.
"""

from parity.independent.sources import SOURCES, Reference

__all__ = ["SOURCES", "Reference"]
