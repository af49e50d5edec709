"""Compile the catalogues: `python -m exposure.messages.compile`, after a change to a `.po` file."""

from __future__ import annotations

import io
from pathlib import Path

from exposure.messages import LOCALES


def compiled(folder: Path) -> bytes:
    """Give one language's catalogue as gettext reads it, made of all its `.po` files.

    Raises
    ------
    ValueError
        Two files have words for the same message.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    whole = Catalog(locale=folder.parent.name, charset="utf-8")
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=folder.parent.name, abort_invalid=True):
                if not message.id:
                    continue
                if whole.get(message.id, message.context):
                    raise ValueError(f"{path}: {message.id} has words elsewhere too")
                whole.add(message.id, message.string, context=message.context)
    out = io.BytesIO()
    write_mo(out, whole)
    return out.getvalue()


def main() -> None:
    """Write `exposure.mo` beside the `.po` files of each language."""
    for folder in LOCALES.glob("*/LC_MESSAGES"):
        (folder / "exposure.mo").write_bytes(compiled(folder))


if __name__ == "__main__":
    main()
