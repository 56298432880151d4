"""What one worker does once: a record of its own, told in one language."""

from __future__ import annotations

from dataclasses import dataclass

from model.design import Vector


@dataclass(frozen=True, slots=True)
class Action:
    """A verb, its object, and everything that goes with it; texts that do not apply are empty.

    ``place`` says where, and ``spot_mm`` the same as a point of the setup's frame, for the picture (None: away from
    the machine). ``tool`` is what it is done or measured with, ``target`` the value to reach with its tolerance,
    ``right`` how to know it is right, ``otherwise`` what to do if it is not. ``minutes`` is the standard time; None
    where nobody has set one, or another action's holds it.
    """

    kind: str
    verb: str
    object: str
    place: str = ""
    tool: str = ""
    target: str = ""
    right: str = ""
    otherwise: str = ""
    hazard: str = ""
    minutes: float | None = None
    spot_mm: Vector | None = None
