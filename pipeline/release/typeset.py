"""Sets a paper with typst: template and data in, the same PDF bytes every time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from model.errors import ConfigError

TEMPLATES = Path(__file__).resolve().parent / "templates"


@cache
def font_folder() -> Path:
    """The folder of the DejaVu fonts that matplotlib carries; found without importing it.

    Raises:
        ConfigError: There are none.
    """
    spec = find_spec("matplotlib")
    places = [Path(p) / "mpl-data" / "fonts" / "ttf" for p in (spec.submodule_search_locations or ())] if spec else []
    for place in places:
        if (place / "DejaVuSans.ttf").is_file():
            return place
    raise ConfigError(
        "papers.no-fonts",
        "The DejaVu fonts of the package matplotlib are missing",
        place="matplotlib/mpl-data/fonts/ttf",
        hint="Install LotOne's packages again: make setup",
    )


def pdf(template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None) -> bytes:
    """Typeset ``templates/<template>.typ`` with ``data`` (as data.json) and pictures by file name.

    Only the house's fonts are used, and no date is written, so the bytes depend on nothing else.

    Raises:
        ConfigError: The fonts are missing.
    """
    import typst

    files = {
        "main.typ": (TEMPLATES / f"{template}.typ").read_bytes(),
        "style.typ": (TEMPLATES / "style.typ").read_bytes(),
        "data.json": json.dumps(data, ensure_ascii=False, sort_keys=True).encode(),
        **(pictures or {}),
    }
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_folder())])
    made: bytes = typst.compile(files, font_paths=fonts, timestamp=0)  # type: ignore[call-overload]  # its stub lacks dict
    return made
