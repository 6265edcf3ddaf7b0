"""Configuration of the documentation. Nothing is fetched from the network."""

from importlib.metadata import version as installed_version

project = "pybootmlm"
author = "pybootmlm contributors"
release = installed_version("pybootmlm")
version = release

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",  # formulas without a network
    "numpydoc",
]
myst_enable_extensions = ["deflist", "dollarmath"]
exclude_patterns = ["_build", "translate/*"]
autosummary_generate = True

autodoc_typehints = "none"  # the signature has them already; the docstring has the shapes
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_theme = "furo"
html_title = f"pybootmlm {release}"


def setup(app: object) -> None:
    """Draw the pictures before the pages are read."""
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).parent))
    import drawing

    app.connect("builder-inited", lambda _app: drawing.draw())
