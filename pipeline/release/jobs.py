"""An order as its papers see it: what was ordered, planned and proved, and the workshop that makes it."""

from __future__ import annotations

from dataclasses import dataclass

from model.design import Design
from model.finding import Report
from model.inventory import Gauge
from model.order import Brief
from model.plan import ProcessPlan, Setup
from model.program import PrintFile, Program, Programs
from model.tooling import Filament, Printer, Quality, Workshop


@dataclass(frozen=True, slots=True)
class CutJob:
    """An order that is milled or routed; ``home`` is None where no workshop owns the machine.

    ``edges_m`` is the length of one item's edges; None where the machine breaks them. ``gauges`` are the shop's.
    """

    brief: Brief
    design: Design
    plan: ProcessPlan
    programs: Programs
    report: Report
    home: Workshop | None
    edges_m: float | None = None
    gauges: tuple[Gauge, ...] = ()

    @property
    def size_mm(self) -> tuple[float, float, float]:
        """The part's size along its own axes."""
        return self.design.parts[0].expected.size_mm

    def programs_of(self, setup: Setup) -> tuple[Program, ...]:
        """The programs of one setup, in the order they are run."""
        return tuple(p for p in self.programs.programs if p.setup == setup.index)

    def seconds(self, setup: Setup) -> float | None:
        """Simulated seconds of one setup; None where the proof did not time it."""
        return self.report.metrics.get(f"setup_{setup.index}_seconds")

    def operation_seconds(self, setup: Setup, at: int) -> float | None:
        """Simulated seconds of a setup's operation, counted from 0."""
        return self.report.metrics.get(f"setup_{setup.index}_operation_{10 * (at + 1)}_s")


@dataclass(frozen=True, slots=True)
class Plate:
    """One print file with the rows it was made from."""

    file: PrintFile
    printer: Printer
    filament: Filament
    quality: Quality


@dataclass(frozen=True, slots=True)
class PrintJob:
    """An order that is printed; ``plates`` are one for each printer that can, any of them makes all of it."""

    brief: Brief
    design: Design
    plates: tuple[Plate, ...]
    report: Report
    home: Workshop | None
    gauges: tuple[Gauge, ...] = ()

    @property
    def cheapest(self) -> Plate:
        """The plate the quote is for."""
        return min(self.plates, key=lambda p: (p.printer.rate_eur_h, p.printer.id))

    def seconds(self, plate: Plate) -> float | None:
        """Seconds of a plate's print as read back; None where the proof did not time it."""
        return self.report.metrics.get(f"{plate.printer.dialect}.seconds")
