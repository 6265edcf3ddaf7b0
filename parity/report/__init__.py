"""A run as people and machines read it: terminal, HTML, JSON, JUnit XML."""

from parity.report.content import Report

__all__ = ["Report"]
