"""Implementations under test, a file each."""

from parity.implementations.native import Native

__all__ = ["Native"]
