"""Who says what is right: live R, or what R said when it was recorded."""

from parity.oracles.answer import Answer, Oracle

__all__ = ["Answer", "Oracle"]
