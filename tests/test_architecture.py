"""The house rules that no type checker sees, read off the syntax tree of every module.

1. A module of pybootmlm imports only from its own layer or from a layer above it.
2. pybootmlm never imports parity; only parity/bridge imports rpy2.
3. Imports are absolute. Within a package they stand at module level, where a cycle shows; only
   parity.bridge may be imported late, because R starts with it.
4. No module has more than 300 lines of code (docstrings, comments and blank lines not counted).
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
CEILING = 300

# From the top of the house to the bottom; a module imports from its own row or from those above.
LAYERS = [
    {"exceptions", "checks", "formats", "tables"},
    {"formula"},
    {"rng"},
    {"linalg"},
    {"execution"},
    {"design"},
    {"lmm", "methods"},
    {"resampling"},
    {"inference"},
    {"plotting"},
    {"bootstrap"},
    {"study"},
    {"hypothesis"},
    {"reporting"},
    {"posterior"},
]
ABOVE = {
    name: set().union(*LAYERS[: depth + 1]) for depth, row in enumerate(LAYERS) for name in row
}
ABOVE["datasets"] = {"datasets", "exceptions"}


class Import(NamedTuple):
    target: str  # dotted name of what is imported; relative ones begin with a dot
    line: int
    nested: bool  # inside a function or a class


def imports(tree: ast.Module) -> Iterator[Import]:
    """Every import of a module, `importlib.import_module("...")` included."""
    top_level = set(map(id, statements_at_module_level(tree)))
    for node in ast.walk(tree):
        nested = id(node) not in top_level
        match node:
            case ast.Import(names=names):
                yield from (Import(alias.name, node.lineno, nested) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = "." * level + (module or "")
                yield from (Import(f"{base}.{a.name}", node.lineno, nested) for a in names)
            case ast.Call(args=[ast.Constant(value=str(target)), *_], func=called):
                if ast.unparse(called).split(".")[-1] in ("import_module", "__import__"):
                    yield Import(target, node.lineno, True)


def statements_at_module_level(tree: ast.Module) -> Iterator[ast.stmt]:
    """Statements that run on import, those under `if` and `try` included."""
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        statement = waiting.pop()
        yield statement
        if isinstance(statement, ast.If | ast.Try | ast.With):
            waiting += [
                s for s in ast.walk(statement) if isinstance(s, ast.Import | ast.ImportFrom)
            ]


def layer_of(dotted: str) -> str:
    """`lmm` for pybootmlm.lmm.fit; empty for the package itself."""
    return dotted.partition(".")[2].partition(".")[0]


def import_problems(module: str, tree: ast.Module) -> Iterator[str]:
    """What the imports of one module break of rules 1 to 3."""
    package = module.split(".")[0]
    for target, line, nested in imports(tree):
        where, root = f"{module}:{line} imports {target}", target.split(".")[0]
        if target.startswith("."):
            yield f"{where}: relative"
        # `parity` itself gives `check` when asked: the plugin is loaded by every run of pytest.
        late = target.startswith("parity.bridge") or module == "parity"
        if root == package and nested and not late:
            yield f"{where}: not at module level"
        if root == "rpy2" and not module.startswith("parity.bridge"):
            yield f"{where}: only parity.bridge may"
        if package == "pybootmlm" and root == "parity":
            yield f"{where}: pybootmlm stands without parity"
        if package == root == "pybootmlm" and module != "pybootmlm":
            allowed = ABOVE.get(layer_of(module), set())
            if layer_of(target) not in allowed:
                yield f"{where}: below its layer"


def code_lines(source: str, tree: ast.Module) -> int:
    """Number of lines that hold code."""
    lines: set[int] = set()
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in silent and token.type != tokenize.ENDMARKER:
            lines.update(range(token.start[0], token.end[0] + 1))
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            lines.difference_update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(lines)


def modules(root: Path) -> dict[str, Path]:
    """Dotted name and file of every module of both packages under `root`."""
    found = {}
    for package in ("pybootmlm", "parity"):
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def problems(root: Path) -> list[str]:
    """Every breach of the house rules under `root`."""
    found: list[str] = []
    for module, path in modules(root).items():
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        found += import_problems(module, tree)
        if module.startswith("pybootmlm.") and layer_of(module) not in ABOVE:
            found.append(f"{module}: {layer_of(module)!r} is not in the list of layers")
        if (size := code_lines(source, tree)) > CEILING:
            found.append(f"{module}: {size} lines of code, more than {CEILING}")
    return found


def test_both_packages_keep_the_house_rules():
    assert problems(ROOT) == []


def test_the_rules_are_applied_to_something():
    found = modules(ROOT)
    assert {"pybootmlm", "pybootmlm.exceptions", "pybootmlm.datasets.load", "parity"} <= set(found)


LONG = "\n".join(f"x{number} = {number}" for number in range(CEILING + 1))

# Control: one file each, and a part of what must be said about it.
BREACHES = {
    "an upward import": (
        "pybootmlm/linalg/a.py",
        "from pybootmlm.lmm import fit",
        "below its layer",
    ),
    "of the top": ("pybootmlm/checks.py", "import pybootmlm", "below its layer"),
    "inside a function": (
        "pybootmlm/rng/a.py",
        "def f():\n    from pybootmlm.lmm.fit import g",
        "below its layer",
    ),
    "by name of the package": (
        "pybootmlm/rng/a.py",
        "from pybootmlm import lmm",
        "below its layer",
    ),
    "under TYPE_CHECKING": (
        "pybootmlm/rng/a.py",
        "if TYPE_CHECKING:\n    import pybootmlm.lmm.fit",
        "below its layer",
    ),
    "data sets on a kernel": (
        "pybootmlm/datasets/a.py",
        "from pybootmlm.linalg import a",
        "below its layer",
    ),
    "a late import": (
        "pybootmlm/lmm/a.py",
        "def f():\n    from pybootmlm.linalg.b import g",
        "not at module level",
    ),
    "a hidden import": (
        "pybootmlm/lmm/a.py",
        "g = importlib.import_module('pybootmlm.linalg.b')",
        "not at module level",
    ),
    "parity": ("pybootmlm/lmm/a.py", "import parity.cases", "without parity"),
    "rpy2 in the library": (
        "pybootmlm/lmm/a.py",
        "import rpy2.robjects as ro",
        "only parity.bridge",
    ),
    "rpy2 outside the bridge": (
        "parity/runner.py",
        "from rpy2 import robjects",
        "only parity.bridge",
    ),
    "rpy2 by name": (
        "parity/runner.py",
        "def f():\n    importlib.import_module('rpy2')",
        "only parity.bridge",
    ),
    "a relative import": ("parity/runner.py", "from . import cases", "relative"),
    "a relative import from above": ("pybootmlm/lmm/a.py", "from ..linalg.b import g", "relative"),
    "an unknown layer": ("pybootmlm/utils.py", "x = 1", "not in the list of layers"),
    "a long module": ("parity/runner.py", LONG, "lines of code, more than 300"),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_control_every_breach_is_caught(breach, tmp_path):
    place, source, said = BREACHES[breach]
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_text(source, encoding="utf-8")
    assert any(said in problem for problem in problems(tmp_path)), problems(tmp_path)


def test_control_what_is_allowed_passes(tmp_path):
    good = {
        "pybootmlm/__init__.py": "from pybootmlm.lmm.fit import a\nfrom pybootmlm import datasets",
        "pybootmlm/lmm/fit.py": "from pybootmlm.lmm import pls\nfrom pybootmlm.exceptions import E",
        "pybootmlm/plotting/a.py": "def f():\n    import matplotlib.pyplot as plt\n    return plt",
        "parity/worker.py": "def f():\n    from parity.bridge.session import a\n    return a",
        "parity/bridge/session.py": "import rpy2.rinterface\nimport pybootmlm",
        "parity/long.py": '"""'
        + "doc\n" * 400
        + '"""\n'
        + "# comment\n\n" * 400
        + LONG[: LONG.rindex("\n")],
    }
    for place, source in good.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(source, encoding="utf-8")
    assert problems(tmp_path) == []
