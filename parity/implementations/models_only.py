"""What thin adapters share: they are asked about models, not about numbers alone."""

from collections.abc import Mapping
from typing import Any

from parity.errors import NotProvidedError
from parity.values import Value


class ModelsOnly:
    """An implementation that fits models, and has no quantity of numbers alone."""

    name: str

    def compute(self, name: str, inputs: Mapping[str, Any]) -> Value:
        """Refuse whatever needs no model: streams of random numbers, published tables."""
        del inputs
        message = f"{self.name} does not provide '{name}'"
        raise NotProvidedError(message)
