"""Rules several families hold their parameters to, each with its place, number, limit and hint."""

from __future__ import annotations

from collections.abc import Iterator

from model.finding import Finding

EDGE_DIAMETERS = 1.5
"""A screw hole's middle keeps this many diameters from the edge, or the rim tears (sheet-metal practice)."""

_SLACK = 1e-9


def near_edge(place: str, distance_mm: float, diameter_mm: float) -> Iterator[Finding]:
    """A finding when a hole's middle lies less than 1.5 diameters from an edge."""
    least = EDGE_DIAMETERS * diameter_mm
    if distance_mm < least - _SLACK:
        words = (
            f"A hole of {diameter_mm:g} mm is {distance_mm:.4g} mm from the edge, "
            f"at least {least:g} mm ({EDGE_DIAMETERS:g} diameters) is needed"
        )
        yield Finding(
            "order.hole-near-edge",
            words,
            place,
            round(distance_mm, 4),
            least,
            "Move the hole inward or make it smaller.",
        )


def one_of(place: str, value: float, options: tuple[float, ...], what: str) -> Iterator[Finding]:
    """A finding when a size is not one that is kept."""
    if value not in options:
        nearest = min(options, key=lambda o: abs(o - value))
        listed = ", ".join(f"{o:g}" for o in options)
        words = f"{place} is {value:g}, it must be a {what} we keep: {listed}"
        yield Finding("order.not-standard", words, place, value, listed, f"The nearest is {nearest:g}.")


def too_much(place: str, value: float, limit: float, why: str) -> Iterator[Finding]:
    """A finding when a value is above what another one allows."""
    if value > limit + _SLACK:
        words = f"{place} is {value:g}, at most {limit:.4g} is what {why}"
        yield Finding("order.clash", words, place, value, round(limit, 4), f"Use at most {limit:.4g}.")


def too_little(place: str, value: float, limit: float, what: str) -> Iterator[Finding]:
    """A finding when ``what`` (a wall, a web, a rim), as the parameter at ``place`` leaves it, is too thin."""
    if value < limit - _SLACK:
        words = f"{what} would be {value:.4g} mm, at least {limit:.4g} mm is needed"
        yield Finding("order.too-thin", words, place, round(value, 4), round(limit, 4), f"Change {place}.")
