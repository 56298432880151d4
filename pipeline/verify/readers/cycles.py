"""Canned cycles as the controls run them, move by move."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.verify.readers.control import Control
from pipeline.verify.readers.words import LineError

CYCLES = ("G73", "G81", "G82", "G83", "G84", "G85")
PECKING = ("G73", "G83")
NOISE_MM = 1e-9  # of sums of offsets
MOST_PECKS = 1000


@dataclass(frozen=True, slots=True)
class Pecks:
    """What a control does between two pecks.

    It comes back to ``clearance_mm`` above the last one, by rapid, or after a full retract at feed (``feeds_back``);
    it waits ``dwell_s`` at the bottom of each.
    """

    clearance_mm: float = 0.254
    feeds_back: bool = False
    dwell_s: float = 0.0


PECKS = Pecks()


class Cycle:
    """What a series of cycles remembers: the height it began at, and the words that hold on (mm)."""

    def __init__(self) -> None:
        self.began_mm = math.nan
        self.retract_mm = 0.0
        self.bottom_mm = 0.0
        self.peck_mm = 0.0
        self.dwell_s = 0.0

    def run(self, control: Control, motion: str, values: dict[str, float], pecks: Pecks, *, fresh: bool) -> None:
        """Drill the holes of one line; the words used are taken out of ``values``.

        Raises:
            LineError: A word is missing or impossible, or the position is not known.
        """
        if control.plane != "G17":
            raise LineError("read.cannot-judge", f"a cycle in the plane {control.plane} cannot be judged", "Use G17.")
        self._hold(control, motion, values, fresh=fresh)
        x, y, z = control.programmed(0), control.programmed(1), control.programmed(2)
        if math.isnan(x + y + z):
            raise LineError("read.position-unknown", "a cycle starts where the position is not known")
        if math.isnan(self.began_mm):
            self.began_mm = z
        began, here = self.began_mm, z
        dx = values.pop("X", math.nan) * control.scale
        dy = values.pop("Y", math.nan) * control.scale
        if control.absolute:
            x, y = (x if math.isnan(dx) else dx), (y if math.isnan(dy) else dy)
            step = (0.0, 0.0)
            top, bottom = self.retract_mm, self.bottom_mm
        else:
            step = (0.0 if math.isnan(dx) else dx, 0.0 if math.isnan(dy) else dy)
            top = began + self.retract_mm
            bottom = top + self.bottom_mm
        if top < bottom:
            raise LineError("read.cycle", f"R {top:g} lies below Z {bottom:g}")
        if motion in PECKING and top - bottom > MOST_PECKS * self.peck_mm:
            raise LineError("read.cycle", f"Q {self.peck_mm:g} makes more than {MOST_PECKS} pecks")
        if began < top - NOISE_MM:
            control.go("rapid", control.at(control.programmed(0), control.programmed(1), top))
            began = here = top
        clear = began if control.retract == "G98" else top
        across = here if here > top + NOISE_MM else clear
        for _ in range(_repeats(values)):
            x, y = x + step[0], y + step[1]
            control.go("rapid", control.at(x, y, across))
            control.go("rapid", control.at(x, y, top))
            self._hole(control, motion, (x, y), top, bottom, pecks)
            control.go("rapid", control.at(x, y, clear))
            across = clear

    def _hold(self, control: Control, motion: str, values: dict[str, float], *, fresh: bool) -> None:
        if fresh and not {"Z", "R"} <= values.keys():
            raise LineError("read.cycle", f"{motion} needs Z and R")
        if motion in PECKING and fresh and "Q" not in values:
            raise LineError("read.cycle", f"{motion} needs Q")
        if motion == "G82" and fresh and "P" not in values:
            raise LineError("read.cycle", "G82 needs P")
        self.bottom_mm = values.pop("Z") * control.scale if "Z" in values else self.bottom_mm
        self.retract_mm = values.pop("R") * control.scale if "R" in values else self.retract_mm
        if motion in PECKING:
            self.peck_mm = values.pop("Q") * control.scale if "Q" in values else self.peck_mm
            if self.peck_mm <= 0:
                raise LineError("read.cycle", "Q must be above zero")
        if motion == "G82":
            self.dwell_s = values.pop("P", self.dwell_s)

    def _hole(
        self, control: Control, motion: str, at: tuple[float, float], top: float, bottom: float, pecks: Pecks
    ) -> None:
        if motion == "G84":
            pitch = control.feed / control.rpm
            control.led(pitch, control.at(*at, bottom), "cw")
            control.led(pitch, control.at(*at, top), "ccw")
            control.spindle = "cw"
            return
        if motion in PECKING:
            depth = top - self.peck_mm
            while depth > bottom:
                control.go("line", control.at(*at, depth))
                if pecks.dwell_s:
                    control.note("dwell", pecks.dwell_s)
                if motion == "G83":
                    control.go("rapid", control.at(*at, top))
                if motion == "G73" or not pecks.feeds_back:
                    control.go("rapid", control.at(*at, depth + pecks.clearance_mm))
                depth -= self.peck_mm
        control.go("line", control.at(*at, bottom))
        if motion == "G82":
            control.note("dwell", self.dwell_s)
        elif motion in PECKING and pecks.dwell_s:
            control.note("dwell", pecks.dwell_s)
        elif motion == "G85":
            control.go("line", control.at(*at, top))


def _repeats(values: dict[str, float]) -> int:
    count = values.pop("L", 1.0)
    if count != int(count) or not 1 <= count <= 1000:
        raise LineError("read.cycle", f"L{count:g} is not a number of repeats")
    return int(count)
