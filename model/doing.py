"""What an operation does, in plain words, as programs and papers say it."""

from __future__ import annotations

from collections.abc import Mapping

from model.plan import Operation

LANGUAGES = ("en", "ru")
Pair = tuple[str, str]

DONE: Mapping[str, Pair] = {
    "facing": ("face off", "торцевание"),
    "outline": ("finish", "чистовая обработка"),
    "skin": ("cut off", "отрезка"),
    "pocket": ("clear", "выборка"),
    "adaptive": ("clear", "выборка"),
    "slot": ("clear", "выборка"),
    "rest_clear": ("clear corners of", "выборка углов"),
    "floor": ("finish floor of", "чистовая обработка дна"),
    "wall": ("finish walls of", "чистовая обработка стенок"),
    "engrave": ("engrave", "гравирование"),
    "vcarve": ("carve", "гравирование конусом"),
    "spot": ("spot", "центрование"),
    "drill": ("drill", "сверление"),
    "bore": ("bore", "растачивание фрезой"),
    "ream": ("ream", "развёртывание"),
    "tap": ("tap", "нарезание резьбы"),
    "thread_mill": ("mill thread of", "фрезерование резьбы"),
    "chamfer": ("bevel", "снятие фаски"),
    "deburr": ("deburr", "притупление кромок"),
    "rough3d": ("rough", "черновая обработка"),
    "parallel": ("finish in rows", "чистовая обработка строчками"),
    "waterline": ("finish in levels", "чистовая обработка по уровням"),
    "scallop": ("finish evenly", "чистовая обработка равными шагами"),
    "steep_shallow": ("finish steep and flat of", "чистовая обработка крутых и пологих мест"),
    "terrace": ("finish steps of", "чистовая обработка уступов"),
    "pencil": ("finish hollows of", "чистовая обработка впадин"),
    "rest_finish": ("finish rest of", "доработка остатков"),
}
"""By strategy."""

ROUGHED: Mapping[str, Pair] = {
    "facing": ("rough", "черновое торцевание"),
    "outline": ("rough", "черновая обработка"),
}
"""The same where an allowance stays or a finishing cut follows; finishing surfaces to an allowance goes before it."""

PRE_FINISH = ("pre-", "предварительно: ")

PLACES: Mapping[str, str] = {
    "face": "плоскость", "outline": "контур", "rim": "припуск", "pocket": "карман", "part": "часть", "floor": "дно",
    "cutout": "окно", "hole": "отверстие", "chamfer": "фаска", "edge": "кромка", "edges": "кромки",
    "engraving": "гравировка", "surface": "поверхность", "over": "над", "open": "открытая", "wall": "стенка",
    "upper": "верх", "lower": "низ",
}  # fmt: skip
"""The words features are named with, in Russian."""


def doing(operation: Operation, language: str) -> str:
    """What is done and where: "finish walls of pocket-2"; a strategy of another package goes by its own name."""
    own = operation.strategy.replace("_", " ")
    column = LANGUAGES.index(language)
    rough = operation.allowance_mm > 0 or "-rough" in operation.id
    told = DONE.get(operation.strategy, (own, own))[column]
    if rough and operation.strategy in ROUGHED:
        told = ROUGHED[operation.strategy][column]
    elif rough and operation.feature.kind == "free-surface" and operation.strategy != "rough3d":
        told = PRE_FINISH[column] + told
    if language == "en":
        return f"{told} {operation.feature.id}"
    return f"{told}: {'-'.join(PLACES.get(word, word) for word in operation.feature.id.split('-'))}"
