"""What stands on a quote's lines, in English and Russian; names of rows and numbers are never translated."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLE: Mapping[str, tuple[str, str]] = {
    "stock": ("{material}, {row} sawn to {size}", "{material}, {row}, отрезано {size}"),
    "sawing": ("blank sawn off", "отрезка заготовки"),
    "clampings": ("clampings with their zero: {count}", "установов: {count}, с привязкой нуля"),
    "tools": ("tools measured and loaded: {count}", "инструментов: {count}, измерить и зарядить"),
    "reload": ("clampings of further pieces: {count}", "установов следующих деталей: {count}"),
    "run": ("{machine} runs", "работа: {machine}"),
    "beside": ("worker beside it", "рабочий у станка"),
    "current": ("current", "электроэнергия"),
    "wear": ("T{number} {tool}: wear", "T{number} {tool}: износ"),
    "edges": ("{metres:.2f} m of edge broken by hand", "притупить кромки вручную, {metres:.2f} м"),
    "filament": ("{filament}", "{filament}"),
    "printer": ("printer made ready, first layer watched", "подготовка принтера, первый слой"),
    "plate": ("print taken off and cleaned", "снять и очистить изделие"),
    "among": (", shared by {count} orders", ", на заказов: {count}"),
    "first": ("first piece inspected", "контроль первой детали"),
    "packed": ("packed", "упаковка"),
    "scrap": ("{share:.0%} of pieces made twice", "брак: {share:.0%} деталей повторно"),
    "planned": ("planned and proved", "расчёт и проверка программ"),
    "mark-up": ("mark-up", "наценка"),
    "parcel": ("parcel", "доставка"),
    "payment-fixed": ("payment, fixed part", "оплата, постоянная часть"),
    "payment-share": ("payment, share of the price", "оплата, доля цены"),
    "from-simulation": ("the proof's simulation", "моделирование программы"),
    "from-plan": ("the plan", "техпроцесс"),
    "from-file": ("the print file as read back", "файл печати"),
    "from-minutes": ("{count} x {minutes:g} min", "{count} x {minutes:g} мин"),
    "from-edges": ("the solid: all its edges, {minutes:g} min a metre", "модель: все кромки, {minutes:g} мин на метр"),
    "learned": (", x {factor:.3g} learned from {runs} runs", ", x {factor:.3g} по опыту {runs} запусков"),
    "from-share": ("{share:.0%} of the run", "{share:.0%} времени работы"),
    "from-power": ("{kw:g} kW over the run", "{kw:g} кВт за время работы"),
    "from-life": (
        "{minutes:.1f} min in the cut, {life:g} min of life", "{minutes:.1f} мин резания, стойкость {life:g} мин",
    ),
    "from-order": ("one an order", "одно на заказ"),
    "of-making": ("sum of material and making", "сумма материала и изготовления"),
    "of-all": ("sum of all lines above", "сумма строк выше"),
    "row": ("{kind} row {name}", "строка {kind}: {name}"),
    "surface": ("surface treatment", "покрытия"),
    "customs": ("customs and tax", "таможня и налоги"),
    "changes": ("changes after the approval", "изменения после утверждения"),
    "hardware": ("hardware bought in", "покупные изделия"),
    "weekends": ("weekends and holidays", "выходные и праздники"),
    "option-cut": ("cut by {workshop}", "резание, {workshop}"),
    "option-print": ("printed by {workshop}", "печать, {workshop}"),
    "option-taken": (
        "{eur:.2f} EUR, the least in time; nine of ten are there within {hours:.0f} h",
        "{eur:.2f} EUR, дешевле всех в срок; девять из десяти готовы за {hours:.0f} ч",
    ),
    "option-none-in-time": (
        "{eur:.2f} EUR, the soonest, within {hours:.0f} h nine times of ten, and late: it had to be begun by {by}",
        "{eur:.2f} EUR, скорее всех, за {hours:.0f} ч в девяти случаях из десяти, и всё же поздно: начать до {by}",
    ),
    "option-dearer": (
        "{eur:.2f} EUR, dearer; within {hours:.0f} h nine times of ten",
        "{eur:.2f} EUR, дороже; за {hours:.0f} ч в девяти случаях из десяти",
    ),
    "option-late": (
        "{eur:.2f} EUR, too late: it had to be begun by {by} to be there when due nine times of ten",
        "{eur:.2f} EUR, не успеть: к сроку в девяти случаях из десяти начать до {by}",
    ),
    "option-coarse": (
        "prints are off by {off:g} mm, {tolerance} allows {allowed:g} mm on {longest:g} mm",
        "печать точна до {off:g} мм, {tolerance} допускает {allowed:g} мм на {longest:g} мм",
    ),
    "not-proved": ("the proof failed: what is not proved has no price", "проверка не пройдена: цены нет"),
    "refused": (
        "no workshop of the tooling database owns {machine}, so its people have no rate: add a [[workshop]] row",
        "станок {machine} не принадлежит ни одной мастерской базы, ставок нет: добавьте строку [[workshop]]",
    ),
}  # fmt: skip


def say(language: str, key: str, **values: object) -> str:
    """A text of the table in a language ("ru", otherwise English)."""
    return _TABLE[key][1 if language == "ru" else 0].format(**values)
