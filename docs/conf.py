"""Sphinx configuration: builds offline, warnings are errors."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

from docutils.nodes import SkipNode, math, math_block
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import reference_pages  # noqa: E402

(HERE / "reference" / "generated").mkdir(exist_ok=True)
reference_pages.write(HERE / "reference" / "generated")

project = "mentormatch"
author = "The mentormatch developers"
copyright = "2026, The mentormatch developers"
release = version = installed_version("mentormatching")

extensions = [
    "sphinx.ext.autodoc",
    "myst_nb",
    "numpydoc",
]
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb", ".ipynb": "myst-nb"}
exclude_patterns = ["_build", "_static", "**.ipynb_checkpoints"]
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
html_math_renderer = "mathml"  # MathJax would be fetched from outside

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

nb_execution_mode = "force"  # a cache would not notice that the library changed
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_merge_streams = True

html_theme = "pydata_sphinx_theme"
html_theme_options = {
    "show_prev_next": True,
    "header_links_before_dropdown": 6,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_title = "mentormatch"
html_show_sourcelink = False
nitpicky = False


def setup(app: Sphinx) -> None:
    """Render formulas as MathML, which browsers show without a script."""
    app.add_html_math_renderer("mathml", (inline_math, None), (block_math, None))


def inline_math(self: HTML5Translator, node: math) -> None:
    self.body.append(tex2mathml(node.astext()))
    raise SkipNode


def block_math(self: HTML5Translator, node: math_block) -> None:
    self.body.append(f'<div class="math">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise SkipNode
