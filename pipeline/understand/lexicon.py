"""The words LotOne knows in every family, in English and Russian: numbers, negation, finishes, small talk."""

from __future__ import annotations


def spelled(*lines: str) -> tuple[str, ...]:
    """Words written in lines, apart by spaces."""
    return tuple(word for line in lines for word in line.split())


NUMBER_WORDS: dict[str, int] = {
    word: number
    for number, line in {
        1: "one single один одна одно одного одной одним одну одном",
        2: "two pair couple два две двух двум двумя пара пару парой пары",
        3: "three три трёх трех трём трем тремя",
        4: "four четыре четырёх четырех четырём четырем четырьмя",
        5: "five пять пяти пятью",
        6: "six шесть шести шестью",
        7: "seven семь семи семью",
        8: "eight восемь восьми восемью восьмью",
        9: "nine девять девяти девятью",
        10: "ten десять десяти десятью",
        11: "eleven одиннадцать одиннадцати одиннадцатью",
        12: "twelve dozen двенадцать двенадцати двенадцатью дюжина дюжину",
    }.items()
    for word in line.split()
}

NEGATORS = frozenset(spelled("no not without none never dont don isn без не нет никаких никакой ни нельзя"))
"""Words that turn the next thing named into its opposite."""

CANCELLING = frozenset(
    spelled("cancel cancels cancelled canceled отмена отменить отмените отменяю отменяем аннулировать")
)
"""Words that take an order back."""

SIZING = frozenset(
    spelled(
        "half quarter zero dozen twenty thirty forty fourty fifty sixty seventy eighty ninety hundred hundreds",
        "thousand thousands million millions double twice triple thrice bigger larger smaller heavier lighter",
        "weight mass outer outside external exterior inner inside internal interior пол полтора полторы",
        "полутора четверть ноль нуль дюжина двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят",
        "девяносто сто двести триста четыреста пятьсот тысяча тысячи тысяч миллион миллионов вдвое втрое вдвойне",
        "больше меньше крупнее мельче тяжелее легче вес масса весом массой внешний внешние внешняя наружный наружные",
        "наружная внутренний внутренние внутренняя половина половиной габарит габариты",
    )
)
"""Words that speak of a size or an amount without a number that can be read: left over, they are asked."""

UNNEEDED = frozenset(
    spelled(
        "need needed necessary required wanted want нужен нужна нужно нужны надо требуется требуются",
        "обязательно",
    )
)
"""With a negation before them, words that do away with what was named: "holes are not needed"."""

SQUARE = frozenset(spelled("square sharp прямые прямыми прямой острые острыми острый"))
"""Before corners, these mean a radius of zero."""

OTHER_MATERIALS = (
    "gold", "platinum", "titanium", "zinc", "tin", "glass", "ceramic", "porcelain", "leather", "stone",
    "marble", "granite", "carbon fibre", "carbon fiber", "rubber", "золото", "платина", "титан", "цинк",
    "олово", "стекло", "керамика", "фарфор", "кожа", "камень", "мрамор", "гранит", "карбон", "резина",
)  # fmt: skip
"""Materials people ask for; one the tooling database has under this name is found there first."""

LISTING_OR = frozenset(spelled("or nor или ни"))
"""A negation runs on over these: "no holes or vents"."""

LISTING_AND = frozenset(spelled("and и"))
"""A negation may or may not run on over these: it is asked."""

AT_MOST = (
    "at most", "no more than", "not thicker than", "no thicker than", "not longer than", "no longer than",
    "not wider than", "no wider than", "not more than", "maximum", "max", "up to", "under", "less than",
    "below", "не более", "не больше", "не толще", "не шире", "не длиннее", "не выше", "не тяжелее",
    "максимум", "менее", "меньше", "до",
)  # fmt: skip
AT_LEAST = (
    "at least", "not closer than", "no closer than", "не ближе", "no less than", "not thinner than",
    "no thinner than", "not shorter than", "no shorter than", "not narrower than", "not less than", "minimum",
    "min", "over", "more than", "above", "не менее", "не меньше", "не тоньше", "не уже", "не короче",
    "не ниже", "минимум", "более", "больше", "от", "свыше",
)  # fmt: skip

STRICT = frozenset(
    ("under", "less than", "below", "over", "more than", "above", "менее", "меньше", "более", "больше", "свыше")
)
"""Bounds the number itself does not keep: they leave the value open."""

ROLE_WORDS: dict[str, tuple[str, ...]] = {
    "length": ("length", "long", "longer", "shorter", "длина", "длину", "длиннее", "короче"),
    "width": ("width", "wide", "wider", "narrower", "ширина", "ширину", "шире"),
    "height": ("height", "high", "tall", "higher", "taller", "высота", "высоту", "выше", "ниже"),
    "thickness": ("thickness", "thick", "thicker", "thinner", "толщина", "толщину", "толще", "тоньше"),
    "depth": ("depth", "deep", "глубина", "глубину"),
    "diameter": ("diameter", "dia", "диаметр"),
    "radius": ("radius", "радиус"),
    "angle": ("angle", "угол"),
}
AFTER_ONLY = frozenset(spelled("long wide high tall thick deep"))
"""English measures that follow their number: "3 mm thick"."""

FINISHES: dict[str, tuple[str, ...]] = {
    "as-machined": ("as machined", "as milled", "raw finish", "без отделки", "без обработки"),
    "as-printed": ("as printed", "как напечатано"),
    "matt": ("matt", "matte", "satin", "матовый", "матовость", "сатиновый", "сатин"),
    "gloss": ("gloss", "glossy", "shiny", "polished", "mirror polished", "глянец", "глянцевый", "глянцевая",
              "блестящий", "полированный", "полировка"),
    "brushed": ("brushed", "шлифованный", "брашированный", "крацованный"),
    "bead-blasted": ("bead blasted", "sand blasted", "sandblasted", "blasted", "пескоструйный", "дробеструйный"),
    "anodised": ("anodised", "anodized", "clear anodised", "анодированный", "анодирование"),
    "deburred": ("deburred", "deburr", "без заусенцев"),
}  # fmt: skip
"""Finishes by id, with the words for each."""

PIECES = frozenset(spelled("pcs pc piece pieces шт штука штуки штук штуку экземпляр экземпляра экземпляров"))

SMALL_TALK = frozenset(
    spelled(
        "t d ll re ve m a an the and with of in for please i we you he she it they",
        "want wants would like need needs make made me my our us your his her is are be to on at as from this",
        "that these those which one ones should must have has having so all each every per about",
        "approximately roughly around ca circa exactly just also plus only some any please thanks thank hello",
        "hi dear size sized dimensions dimension measuring overall finish finished surface material colour",
        "color piece order part product item them there its by will shall can could do if then total both",
        "very nice с со и в во на из изо для по мне нам я мы хочу хотим хотел хотела хотелось бы нужна нужен",
        "нужно нужны прошу сделать сделайте изготовить изготовьте пожалуйста это этот эта эти чтобы был была",
        "было были будет к у от под над за при же ли вот а но или как так его её ее их мой моя моё мои ваш",
        "наш наша около примерно приблизительно ровно размер размером размеры размера размеров общий",
        "поверхность отделка материал цвет деталь изделие заказ спасибо здравствуйте добрый день штука тоже",
        "также только очень всё все весь вся каждый каждая должна должен должно должны быть иметь шт до том",
    )
)
"""Words that ask for nothing by themselves."""

IDLE = SMALL_TALK | {"letter", "letters", "буквы", "буквами", "буквой"}
"""Words that, left over, need not be mentioned."""

TEXT_TRIGGERS = frozenset(
    spelled(
        "text texts lettering label labelled labeled inscription inscribed engrave engraved engraving saying",
        "says reads reading caption title marked marking wording words текст текста текстом надпись надписью",
        "надписи гравировка гравировкой гравировку гравировать выгравировать выгравируйте выгравировано",
        "подпись подписью слово слова словом словами написать напишите маркировка маркировкой имя именем",
    )
)
"""Words after which the text to cut is given."""

TEXT_LINKS = frozenset(
    spelled(
        "with the a saying reads is of text word words as on it с со текстом надписью словом словами имя",
        "именем на ней",
    )
)
"""Words that may stand between such a word and the text."""

TEMPLATES: dict[str, dict[str, str]] = {
    "which-value": {
        "en": "{name}: you give {values}. Which is right?",
        "ru": "{name}: указано {values}. Что верно?",
    },
    "against-parameter": {
        "en": "{name}: the order says {first}, the wish says {second}. Which is right?",
        "ru": "{name}: в заказе указано {first}, в пожелании {second}. Что верно?",
    },
    "against-constraint": {
        "en": "{name}: you give {first}, but the limit is {second}. Which is right?",
        "ru": "{name}: указано {first}, но ограничение {second}. Что верно?",
    },
    "which-family": {"en": "What shall we make?", "ru": "Что изготовить?"},
    "which-material": {"en": "Of which material shall it be made?", "ru": "Из какого материала изготовить?"},
    "which-parameter": {
        "en": "What does {words} stand for?",
        "ru": "К чему относится {words}?",
    },
    "not-exact": {
        "en": "{words} leaves the value open. Which value exactly?",
        "ru": "{words}: значение не точное. Какое значение точно?",
    },
    "quote-text": {
        "en": "Which words exactly shall be put on the part? Please put them in quotation marks.",
        "ru": "Какой именно текст нанести? Пожалуйста, возьмите его в кавычки.",
    },
    "how-many": {"en": "{name}: how many?", "ru": "{name}: сколько?"},
    "instead": {
        "en": "{words} is not wanted. What shall it be instead?",
        "ru": "{words}: так не нужно. А как нужно?",
    },
    "also-not": {
        "en": "{words}: is this wanted or not?",
        "ru": "{words}: это нужно или нет?",
    },
    "must-unread": {
        "en": "This was not understood and you call it a must: {words}. How shall it be met?",
        "ru": "Это обязательное требование не понято: {words}. Как его выполнить?",
    },
    "cannot-be": {
        "en": "{name} cannot be {first} here. What shall it be?",
        "ru": "{name}: {first} здесь невозможно. Как нужно?",
    },
    "ask-unread": {
        "en": "This was not understood: {words}. What exactly shall be made?",
        "ru": "Это не понято: {words}. Как именно нужно сделать?",
    },
    "unread": {"en": "Not understood and not used: {words}", "ru": "Не понято и не использовано: {words}"},
    "overruled": {
        "en": "{name}: the wish {second} gives way to {first}",
        "ru": "{name}: пожелание {second} уступает: {first}",
    },
    "millimetres": {"en": "{words} is read as millimetres", "ru": "{words}: принято в миллиметрах"},
    "limited": {
        "en": "{name}: {first}, to keep the limit {second}",
        "ru": "{name}: {first}, чтобы соблюсти ограничение {second}",
    },
    "contact": {
        "en": "Contact details in the wishes were left out",
        "ru": "Контактные данные из пожеланий убраны",
    },
}
"""What is asked and told, by language."""


COMMON = {
    "en": {"material": "material", "finish": "finish", "quantity": "quantity"},
    "ru": {"material": "материал", "finish": "отделка", "quantity": "количество"},
}
"""What every order has, by name, in questions and notes."""


def say(template: str, lang: str, **values: str) -> str:
    """One sentence to the customer in "ru" or "en"."""
    return TEMPLATES[template][lang].format(**values)
