"""What making costs, from published examples: shop rate, quote, filament, wear of a printer, current."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def shop_rate_per_h(cost_a_year: float, hours_a_year: float) -> float:
    """Hourly rate: yearly cost over productive hours (myshopmetrics.com cost guide)."""
    return cost_a_year / hours_a_year


def quote(lines: Iterable[float], markup: float) -> float:
    """Price: sum of the cost lines and the mark-up on it (workcell.ai quote calculator)."""
    return sum(lines) * (1 + markup)


def filament_cost(grams: float, price_per_kg: float) -> float:
    """Cost of printed material (3DQ wiki)."""
    return grams / 1000 * price_per_kg


def wear_per_h(purchase: float, service_share: float, life_h: float) -> float:
    """Depreciation an hour: purchase and service over the life (3DQ wiki)."""
    return purchase * (1 + service_share) / life_h


def energy_cost(hours: float, power_w: float, price_per_kwh: float) -> float:
    """Cost of current (3DQ wiki)."""
    return hours * power_w / 1000 * price_per_kwh
