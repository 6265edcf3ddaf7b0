"""Docstrings: every public name has a complete one, and every example runs."""

import doctest
import importlib
import inspect
import pkgutil
import re
import sys
from types import ModuleType

import pytest

import parity
import pybootmlm
from pybootmlm import datasets, plotting

OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
PUBLIC = [name for name in getattr(pybootmlm, "__all__", []) if not name.startswith("__")]


def module_names(package: ModuleType) -> list[object]:
    """Every module of a package; `__main__` is a command and not imported."""
    walked = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    names = [package.__name__, *(m.name for m in walked if not m.name.endswith("__main__"))]
    needs_r = pytest.mark.live_r  # what lies in the bridge imports rpy2
    return [pytest.param(n, marks=needs_r) if n.startswith("parity.bridge.") else n for n in names]


def section(docstring: str, title: str) -> str:
    """Body of one section of a numpydoc docstring; empty if there is none."""
    pattern = rf"^{title}\n-{{{len(title)}}}\n(.*?)(?=^\S[^\n]*\n---|\Z)"
    found = re.search(pattern, docstring, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def docstring_problems(thing: object) -> list[str]:
    """What the docstring of a public thing lacks."""
    docstring = inspect.getdoc(thing) or ""
    if not docstring:
        return ["a docstring"]
    if inspect.ismodule(thing) or (inspect.isclass(thing) and issubclass(thing, BaseException)):
        return []
    problems = [] if ">>> " in section(docstring, "Examples") else ["a section Examples with code"]
    if inspect.isfunction(thing):
        described = section(docstring, "Parameters")
        problems += [
            f"the parameter {name}"
            for name in inspect.signature(thing).parameters
            if not re.search(rf"^[^\n:]*\b{name}\b", described, re.MULTILINE)
        ]
    return problems


def failures(module: ModuleType) -> list[str]:
    """Examples of a module that print something else than they say."""
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, module.__name__):
        runner.run(test, out=said.append)
    if "matplotlib.pyplot" in sys.modules:  # which warns of many figures that are left open
        sys.modules["matplotlib.pyplot"].close("all")
    return said


def test_there_are_public_names():
    assert {"lmer", "load_dataset"} <= set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_is_documented(name):
    assert docstring_problems(getattr(pybootmlm, name)) == []


@pytest.mark.parametrize("name", datasets.__all__)
def test_public_name_of_datasets_is_documented(name):
    assert docstring_problems(getattr(datasets, name)) == []


@pytest.mark.parametrize("name", plotting.__all__)
def test_public_name_of_plotting_is_documented(name):
    assert docstring_problems(getattr(plotting, name)) == []


@pytest.mark.parametrize("name", module_names(pybootmlm) + module_names(parity))
def test_examples_run(name):
    assert failures(importlib.import_module(name)) == []


def test_control_a_wrong_example_and_a_bare_docstring_are_seen():
    def good(x):
        """Double a number.

        Parameters
        ----------
        x
            The number.

        Examples
        --------
        >>> 1 + 1
        2
        """

    def bare(x):
        """Double a number."""

    def forgetful(x, y):
        """Double a number.

        Parameters
        ----------
        x
            The number.

        Examples
        --------
        >>> 1 + 1
        3
        """

    assert docstring_problems(good) == []
    assert docstring_problems(bare) == ["a section Examples with code", "the parameter x"]
    assert docstring_problems(forgetful) == ["the parameter y"]
    module = ModuleType("synthetic")
    module.__dict__["__test__"] = {"good": inspect.getdoc(good), "wrong": inspect.getdoc(forgetful)}
    said = "".join(failures(module))
    assert said.count("Failed example") == 1
    assert "Expected:\n    3\nGot:\n    2" in said
