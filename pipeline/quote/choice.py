"""The customer's choice: the utility bought for a unit of money, held against that of the thing made in series.

A product is chosen when (Up - Ct) / Pp >= Us / Ps: its utility less the effort it costs, for its price, against utility
and price of the standard thing. All arithmetic is exact; the test is the cross product (Up - Ct) Ps >= Us Pp.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from model.errors import OrderError


@dataclass(frozen=True, slots=True)
class Choice:
    """The verdict and what would turn it.

    ``worth`` and ``standard`` are the two sides; ``short_by`` the share that is missing of the standard's (0 when
    chosen). ``most_price`` is the highest price at which it is chosen (0: at none), ``least_utility`` and
    ``most_effort`` likewise with everything else as given; a negative ``most_effort`` says none is small enough.
    """

    chosen: bool
    worth: Fraction
    standard: Fraction
    short_by: Fraction
    most_price: Fraction
    least_utility: Fraction
    most_effort: Fraction


def choose(
    utility: Fraction, effort: Fraction, price: Fraction, standard_utility: Fraction, standard_price: Fraction
) -> Choice:
    """Weigh a product made to measure against a standard one.

    Raises:
        OrderError: ``choice.price``: a price or the standard's utility is not above zero.
    """
    given = (("price", price), ("standard price", standard_price), ("standard utility", standard_utility))
    for name, value in given:
        if value <= 0:
            message = f"the {name} must be above zero, it is {value}"
            raise OrderError(
                "choice.price", message, place=name, value=str(value), limit="> 0", hint="Give the true value."
            )
    worth, standard = (utility - effort) / price, standard_utility / standard_price
    least = standard * price
    return Choice(
        chosen=(utility - effort) * standard_price >= standard_utility * price,
        worth=worth,
        standard=standard,
        short_by=max(Fraction(0), (standard - worth) / standard),
        most_price=max(Fraction(0), (utility - effort) / standard),
        least_utility=least + effort,
        most_effort=utility - least,
    )
