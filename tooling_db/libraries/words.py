"""What the words in a library mean: kinds of tool, what it is made of, the work material in a preset's name."""

from __future__ import annotations

import re
from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "flat end mill": "end-mill",
    "bull nose end mill": "end-mill",
    "ball end mill": "ball-mill",
    "drill": "drill",
    "spot drill": "spot-drill",
    "reamer": "reamer",
    "tap right hand": "tap",
    "tap left hand": "tap",
    "thread mill": "thread-mill",
    "chamfer mill": "chamfer-mill",
    "engraving": "engraver",
}
"""Words of Fusion and HSMWorks for the kinds of tool the house has; the rest is kept as ``other:<word>``."""

SUBSTRATES: Mapping[str, str] = {
    "carbide": "carbide", "solid carbide": "carbide", "hm": "carbide", "vhm": "carbide", "hw": "carbide",
    "hss": "hss", "high speed steel": "hss", "hss-e": "hss-co", "hss-co": "hss-co", "hsco": "hss-co",
    "cobalt": "hss-co",
}  # fmt: skip

OPERATIONS = (
    "rough", "hem", "slot", "finish-wall", "finish-floor", "finish", "drill", "spot", "ream", "bore", "tap",
    "thread-mill", "chamfer", "engrave", "face", "plunge",
)  # fmt: skip

MATERIALS: tuple[tuple[str, str], ...] = (
    (r"non[- ]?ferrous|alumin(i)?um|\balu?\b|\bal\b|60[68]\d|7075|2024|brass|bronze|copper|messing|латун|алюмин", "N"),
    (r"stainless|\bss\b|30[34]|316|17-4|edelstahl|нерж|inox", "M"),
    (r"titan|ti[- ]?6al|\bti\b|inconel|super ?alloy", "S"),
    (r"harden|\bhrc\b", "H"),
    (r"cast ?iron|\bgg\d|grey iron|gray iron|чугун", "K"),
    (r"steel|10[14]\d|4140|4340|\bst\d|\bs235|сталь|\bd2\b|\bo1\b", "P"),
    (r"wood|ply|mdf|\boak\b|birch|particle ?board|дерев|фанер", "W"),
    (r"plastic|acryl|delrin|\bpom\b|acetal|hdpe|nylon|peek|polycarb|pvc|\bpe\b|\bpc\b|foam|wax|пласт", "O"),
)
"""What names a material group (ISO 513; wood W), in this order: "stainless steel" is not yet "steel"."""

WORK: tuple[tuple[str, str], ...] = (
    (r"adaptive|hem\b|hsm\b|trochoid|dynamic", "hem"),
    (r"slot", "slot"),
    (r"thread ?mill", "thread-mill"),
    (r"\btap", "tap"),
    (r"ream", "ream"),
    (r"spot|cent(er|re) ?drill", "spot"),
    (r"drill", "drill"),
    (r"bor(e|ing)", "bore"),
    (r"chamfer|deburr", "chamfer"),
    (r"engrav", "engrave"),
    (r"fac(e|ing)", "face"),
    (r"plunge", "plunge"),
    (r"finish.*(wall|side|contour)|(wall|side|contour).*finish", "finish-wall"),
    (r"finish.*floor|floor.*finish", "finish-floor"),
    (r"finish|schlicht|чистов", "finish"),
    (r"rough|schrupp|чернов", "rough"),
)


def kind(word: str) -> str:
    """The house's kind for a library's word; ``other:<word>`` when it has none."""
    plain = " ".join(word.lower().split())
    return KINDS.get(plain, f"other:{plain or 'unnamed'}")


def word(kind_: str, corner_radius_mm: float | None) -> str:
    """The word Fusion and HSMWorks have for a kind of the house (the inverse of `kind`)."""
    if kind_.startswith("other:"):
        return kind_.removeprefix("other:")
    if kind_ == "end-mill" and corner_radius_mm:
        return "bull nose end mill"
    if kind_ == "engraver":
        return "engraving"
    return next(name for name, house in KINDS.items() if house == kind_)


def substrate(word_: str) -> str:
    """Carbide, hss or hss-co; empty when the library does not say."""
    return SUBSTRATES.get(" ".join(word_.lower().replace("_", " ").split()), "")


def material(text: str) -> str:
    """The ISO 513 group a preset's name tells, or nothing."""
    plain = text.lower()
    return next((group for pattern, group in MATERIALS if re.search(pattern, plain)), "")


def operation(text: str) -> str:
    """The operation a preset's name tells, or nothing."""
    plain = text.lower()
    return next((name for pattern, name in WORK if re.search(pattern, plain)), "")
