"""The words on the papers, in English and Russian; numbers and names are never translated."""

from __future__ import annotations

from collections.abc import Mapping

from model.order import Brief
from pipeline.release.phrases import said

LANGUAGES = ("en", "ru")

_TABLE: dict[str, tuple[str, str]] = {
    "setup-sheet": ("Setup sheet", "Карта наладки"),
    "print-sheet": ("Print sheet", "Карта печати"),
    "order": ("Order", "Заказ"),
    "part": ("Part", "Деталь"),
    "quantity": ("Quantity", "Количество"),
    "pieces": ("pcs", "шт."),
    "setup": ("Setup", "Установ"),
    "of": ("of", "из"),
    "machine": ("Machine", "Станок"),
    "printer": ("Printer", "Принтер"),
    "material": ("Material", "Материал"),
    "stock": ("Stock", "Заготовка"),
    "fixture": ("Workholding", "Крепление"),
    "zero": ("Work zero", "Ноль детали"),
    "time": ("Machine time", "Машинное время"),
    "total": ("total", "всего"),
    "top-view": ("from above", "вид сверху"),
    "end-view": ("from the right end", "вид справа"),
    "fixed-jaw": ("fixed jaw", "неподвижная губка"),
    "moving-jaw": ("moving jaw", "подвижная губка"),
    "vise-stop": ("stop", "упор"),
    "spoilboard": ("spoilboard", "жертвенная плита"),
    "tools": ("Tools", "Инструмент"),
    "tool": ("Tool", "Инструмент"),
    "diameter": ("Ø mm", "Ø мм"),
    "flutes": ("Flutes", "Зубьев"),
    "stick-out": ("Stick-out mm", "Вылет мм"),
    "holder": ("Holder", "Оправка"),
    "gauge": ("Gauge length mm", "Длина до базы мм"),
    "wear": ("Wear register", "Регистр износа"),
    "measured": ("Measured", "Измерено"),
    "operations": ("Operations", "Переходы"),
    "operation": ("Operation", "Переход"),
    "rpm": ("rpm", "об/мин"),
    "feed": ("Feed mm/min", "Подача мм/мин"),
    "plunge": ("Plunge mm/min", "Врезание мм/мин"),
    "depth": ("ap / ae mm", "ap / ae мм"),
    "coolant": ("Coolant", "СОЖ"),
    "binding": ("Limited by", "Ограничено"),
    "height": ("Z mm", "Z мм"),
    "took": ("min:s", "мин:с"),
    "mm": ("mm", "мм"),
    "kg": ("kg", "кг"),
    "newton": ("N", "Н"),
    "gram": ("g", "г"),
    "programs": ("Programs", "Программы"),
    "program": ("Program", "Программа"),
    "steps": ("Steps", "Порядок работы"),
    "requirement": ("Requirement", "Требование"),
    "limit": ("Tolerance", "Допуск"),
    "unreachable": ("Left by every tool, finish by hand", "Недоступно инструменту, доработать вручную"),
    "finish": ("Finish", "Отделка"),
    "tolerance": ("Tolerance class", "Класс допусков"),
    "due": ("Due", "Срок"),
    "made-from": ("Made from", "Изготовлено по"),
    "notes": ("Notes on the order", "Примечания к заказу"),
    "signature": ("Name, date", "Имя, дата"),
    "settings": ("Settings", "Настройки"),
    "filament": ("Filament", "Филамент"),
    "quality": ("Print mode", "Режим печати"),
    "mass": ("Filament used", "Расход филамента"),
    "engine": ("Slicing engine", "Слайсер"),
    "plate": ("Plate", "Стол"),
    "front": ("front", "перед"),
    "certificate": ("Certificate", "Сертификат"),
    "hours": ("h", "ч"),
    "minutes": ("min", "мин"),
    "seconds": ("s", "с"),
    "zero-at": ("zero, about (machine)", "ноль, около (станок)"),
    "cap-flat": ("straightness and flatness", "прямолинейность и плоскостность"),
    "cap-square": ("perpendicularity", "перпендикулярность"),
    "grip": ("grip", "зажато"),
    "force": ("clamping force", "сила зажима"),
    "holds": ("holds", "держит"),
    "needed": ("needed", "нужно"),
    "off": ("off", "выкл."),
    "flood": ("flood", "полив"),
    "mist": ("mist", "туман"),
    "vise": ("vise", "тиски"),
    "tape": ("double-sided tape on the spoilboard", "двусторонний скотч на жертвенной плите"),
    "tabs": ("double-sided tape, and tabs", "двусторонний скотч и перемычки"),
    "quote": ("Quote", "Расчёт стоимости"),
    "price": ("Price", "Цена"),
    "between": ("between", "от"),
    "and": ("and", "до"),
    "for": ("for", "за"),
    "by-lines": ("All lines", "Все строки"),
    "what": ("What", "Статья"),
    "amount": ("EUR", "EUR"),
    "rate": ("EUR each", "Ставка, EUR"),
    "measure": ("Quantity", "Количество"),
    "origin": ("Where it comes from", "Откуда взято"),
    "drivers": ("What costs most", "Что стоит больше всего"),
    "lead": ("When it can be there", "Когда будет готово"),
    "half": ("half of such orders take at most", "половина таких заказов — не дольше"),
    "nine": ("nine of ten at most", "девять из десяти — не дольше"),
    "begin-by": (
        "To have it by {due} nine times of ten, begin by {by}.",
        "К сроку {due} в девяти случаях из десяти: начать до {by}.",
    ),
    "rush": (
        "Before all others in the queue: {more} EUR more, nine of ten within {hours}",
        "Вне очереди: дороже на {more} EUR, девять из десяти за {hours}",
    ),
    "rush-by": ("; begin by {by}", "; начать до {by}"),
    "phase": ("Phase", "Этап"),
    "without": ("Not in it", "Не учтено"),
    "not-priced": ("Not priced", "Не входит в цену"),
    "setting up": ("Setting up", "Наладка"),
    "making": ("Making", "Изготовление"),
    "finishing and checking": ("Finishing and checking", "Доработка и контроль"),
    "business": ("Business", "Прочее"),
    "queue": ("queue", "очередь"),
    "parcel": ("parcel", "доставка"),
}


def words(language: str) -> dict[str, str]:
    """Every label in one language, for the templates."""
    column = LANGUAGES.index(language)
    return {key: pair[column] for key, pair in _TABLE.items()}


def asked(brief: Brief, told: Mapping[str, str], language: str) -> list[list[str]]:
    """What the order asks of the work, as rows of label and value: finish, tolerance class, due date, where named.

    For a customer's own solid also its file's name and the beginning of its SHA-256; the certificate has all of it.
    """
    solid = brief.attachment
    source = f"{solid.uri}, SHA-256 {solid.sha256[:16]}…" if solid else ""
    rows = (("finish", said(brief.finish, language)), ("tolerance", brief.tolerance_class), ("due", brief.due[:10]),
            ("made-from", source))  # fmt: skip
    return [[told[label], value] for label, value in rows if value]


def duration(seconds: float, language: str) -> str:
    """A time as people say it: "1 h 05 min", "12 min 30 s"."""
    told = words(language)
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} {told['hours']} {whole % 3600 // 60:02d} {told['minutes']}"
    return f"{whole // 60} {told['minutes']} {whole % 60:02d} {told['seconds']}"


def number(value: float, places: int = 3) -> str:
    """A number without needless zeros: "12.5", "8", "-0.02"."""
    text = f"{value:.{places}f}".rstrip("0").rstrip(".") if places else f"{value:.0f}"
    return "0" if text in ("-0", "") else text
