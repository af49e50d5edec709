"""For `make docs`: the worked notebook as a page of the site, its cells and what they print as they are committed."""

import json
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page that stands for the notebook."""
    notebook = json.loads((Path(config.docs_dir) / "notebook.ipynb").read_text(encoding="utf-8"))
    files.append(File.generated(config, "notebook.md", content="\n\n".join(map(_cell, notebook["cells"]))))
    return files


def _cell(cell: dict) -> str:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return source
    parts = [f"```python\n{source}\n```"]
    for output in cell["outputs"]:
        data = output.get("data", {})
        text = "".join(output.get("text") or data.get("text/plain", ""))
        parts.append(f"```text\n{text.rstrip()}\n```")
    return "\n\n".join(parts)
