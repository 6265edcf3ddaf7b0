"""What is promised, one line each, in the user's words."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from parity.paths import parity_folder


@dataclass(frozen=True)
class Requirement:
    """A promise: its id, its text and where the promise comes from."""

    id: str
    text: str
    source: str


def load_requirements() -> Mapping[str, Requirement]:
    """Read ``tables/requirements.toml``."""
    text = (parity_folder() / "tables" / "requirements.toml").read_text("utf-8")
    return {name: Requirement(id=name, **table) for name, table in tomllib.loads(text).items()}
