"""The page's words, in English and Russian; what the proof itself says is never translated."""

from __future__ import annotations

from pipeline.release.words import LANGUAGES

WORDS: dict[str, tuple[str, str]] = {
    "order": ("Order", "Заказ"),
    "stock": ("stock", "заготовка"),
    "mm": ("mm", "мм"),
    "certified": ("Certified: the proof passed on these programs", "Сертифицировано: эти программы прошли проверку"),
    "not-certified": ("NOT CERTIFIED", "НЕ СЕРТИФИЦИРОВАНО"),
    "why-not-certified": (
        "The proof refused these programs. They are shown to find the fault; do not run them.",
        "Проверка отклонила эти программы. Они показаны, чтобы найти ошибку; не запускайте их.",
    ),
    "why-no-programs": (
        "There are no programs: the order was refused. The part is shown as designed.",
        "Программ нет: заказ отклонён. Показана деталь по проекту.",
    ),
    "viewer": ("The part, its stock and the toolpaths in 3D", "Деталь, заготовка и траектории в 3D"),
    "setup": ("Setup", "Установ"),
    "program": ("Program", "Программа"),
    "tools": ("Tools", "Инструмент"),
    "moves": ("Moves", "Движения"),
    "cutting": ("cutting", "резание"),
    "down": ("going down in material", "врезание вниз"),
    "air": ("at feed in the air (leads, links)", "на подаче в воздухе (подводы)"),
    "rapid": ("rapid", "ускоренный ход"),
    "ahead": ("what is still to come, faint", "ещё не пройденное, бледно"),
    "see": ("Show", "Показать"),
    "part": ("part", "деталь"),
    "deviation": ("deviation", "отклонение"),
    "plain": ("plain", "без раскраски"),
    "off": ("hidden", "скрыть"),
    "fixture": ("clamping", "крепление"),
    "holder": ("tool holder", "оправка"),
    "views": ("Views", "Виды"),
    "view-iso": ("Oblique", "Аксонометрия"),
    "view-top": ("Top", "Сверху"),
    "view-front": ("Front", "Спереди"),
    "view-right": ("Right", "Справа"),
    "view-back": ("From behind", "Сзади"),
    "view-under": ("From below", "Снизу"),
    "play": ("Play", "Пуск"),
    "pause": ("Pause", "Пауза"),
    "step-back": ("One move back", "Движение назад"),
    "step-on": ("One move on", "Движение вперёд"),
    "clock": ("Time in the program", "Время программы"),
    "speed": ("Speed", "Скорость"),
    "load": ("Load of the tool over the time", "Нагрузка на инструмент по времени"),
    "rate": ("removed, cm³/min", "съём, см³/мин"),
    "engaged": ("engagement, °", "охват фрезы, °"),
    "text": ("Program text", "Текст программы"),
    "line": ("line", "строка"),
    "uncut": ("the blank's own face, not to be cut", "поверхность заготовки, не обрабатывается"),
    "cut-into": ("cut into, over the limit", "зарез, сверх допуска"),
    "left-on": ("left on, over the limit", "недорез, сверх допуска"),
    "no-gl": (
        "This browser is too old to draw in 3D (WebGL 2, DecompressionStream). The pictures below still serve.",
        "Этот браузер слишком старый, чтобы рисовать 3D (WebGL 2, DecompressionStream). Ниже есть картинки.",
    ),
    "keys": (
        (
            "Drag turns, Shift or right button moves, wheel zooms; click a path or the surface to ask about it. Keys "
            "in the picture: arrows turn (Shift: move), + − zoom, 1–6 views, space play, , . one move, [ ] one tool."
        ),
        (
            "Мышь вращает, с Shift или правой кнопкой двигает, колесо — масштаб; щелчок по траектории или "
            "поверхности даёт справку. Клавиши в картинке: стрелки вращают (с Shift двигают), + − масштаб, 1–6 виды, "
            "пробел — пуск, , . движение, [ ] инструмент."
        ),
    ),
    "findings": ("Findings", "Замечания"),
    "group-failed": ("Refused", "Отказано"),
    "group-unreachable": ("Out of reach of every tool", "Недоступно инструменту"),
    "group-note": ("Notes", "Примечания"),
    "no-findings": ("None.", "Нет."),
    "gates": ("Gates of the proof", "Пункты проверки"),
    "verdict": ("Verdict", "Итог"),
    "gate": ("Gate", "Пункт"),
    "detail": ("What was measured (in English)", "Что измерено (по-английски)"),
    "value": ("Value", "Значение"),
    "limit": ("limit", "предел"),
    "pass": ("pass", "пройден"),
    "fail": ("FAIL", "НЕ ПРОЙДЕН"),
    "not-applicable": ("does not apply", "не применяется"),
    "pictures": ("Pictures", "Картинки"),
    "picture-before": ("stock as clamped", "заготовка перед обработкой"),
    "picture-paths": ("toolpaths on the stock as it comes out", "траектории на обработанной заготовке"),
    "picture-after": ("stock as it comes out", "заготовка после обработки"),
    "method": (
        (
            "Drawn from the programs' own text as a control reads it, not from the plan. The stock is drawn on cells "
            "coarser than the proof's; verdicts and numbers are the proof's."
        ),
        (
            "Нарисовано по тексту самих программ, как их читает стойка, а не по плану. Заготовка нарисована на "
            "более крупной сетке, чем в проверке; итоги и числа взяты из проверки."
        ),
    ),
}


def words(language: str) -> dict[str, str]:
    """Every word in one language."""
    column = LANGUAGES.index(language)
    return {key: pair[column] for key, pair in WORDS.items()}
