"""The picture of one clamping of an order, as sheets and cards show it."""

from __future__ import annotations

from model.plan import Setup
from pipeline.release.drawing import Marks, setup_picture
from pipeline.release.jobs import CutJob
from pipeline.release.words import words
from pipeline.release.workpiece import work_boxes


def sketch(job: CutJob, setup: Setup, language: str, marks: Marks = ()) -> bytes:
    """The clamped work as SVG, with the steps' numbers where they are done."""
    before = tuple(s for s in job.plan.setups if s.index < setup.index)
    return setup_picture(setup, work_boxes(job.plan, setup, job.size_mm), words(language), before, marks)
