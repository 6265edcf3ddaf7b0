"""The public names of pybootmlm, each of which some requirement must be about."""

import inspect
from collections.abc import Iterable, Iterator
from types import ModuleType

import pybootmlm
from parity.requirements import Requirement


def public_names() -> tuple[str, ...]:
    """List functions by name, and attributes of classes and modules as ``LmerFit.fixef``."""
    names: list[str] = []
    for name in pybootmlm.__all__:
        thing = getattr(pybootmlm, name)
        if inspect.isclass(thing):
            names += [f"{name}.{attribute}" for attribute in _attributes(thing)]
        elif inspect.ismodule(thing):
            names += [f"{name}.{function}" for function in _functions(thing)]
        else:
            names.append(name)
    return tuple(names)


def without_requirement(requirements: Iterable[Requirement]) -> tuple[str, ...]:
    """List the public names that no requirement names, neither itself nor as a whole class."""
    named = {unit for requirement in requirements for unit in requirement.code}
    return tuple(
        name for name in public_names() if name not in named and name.partition(".")[0] not in named
    )


def _attributes(thing: type) -> Iterator[str]:
    fields = getattr(thing, "__dataclass_fields__", {})
    yield from sorted(name for name in {*dir(thing), *fields} if not name.startswith("_"))


def _functions(module: ModuleType) -> Iterator[str]:
    for name, thing in sorted(vars(module).items()):
        inside = getattr(thing, "__module__", "").startswith(module.__name__)
        if inspect.isfunction(thing) and inside and not name.startswith("_"):
            yield name
