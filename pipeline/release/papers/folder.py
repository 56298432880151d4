"""The papers an order gets beside its sheets: all of them in one list."""

from __future__ import annotations

from model.files import File
from pipeline.release.jobs import CutJob, PrintJob
from pipeline.release.papers.cards import operation_card, route_card
from pipeline.release.papers.inspection import inspection
from pipeline.release.papers.lists import cut_list, tool_list
from pipeline.release.papers.packing_slip import packing_slip
from pipeline.release.papers.paper import Paper, files
from pipeline.release.papers.traveler import traveler
from pipeline.release.words import LANGUAGES


def papers_of(job: CutJob | PrintJob) -> tuple[File, ...]:
    """Traveler, lists, inspection plan in both languages, the packing slip in the customer's, the cards in Russian."""
    return tuple(file for paper in all_papers(job) for file in files(paper))


def all_papers(job: CutJob | PrintJob) -> tuple[Paper, ...]:
    """The same, not yet set."""
    both = [make(job, language) for make in (traveler, cut_list, inspection) for language in LANGUAGES]
    if isinstance(job, CutJob):
        both += [tool_list(job, language) for language in LANGUAGES]
        both += [route_card(job), operation_card(job)]
    return (*both, packing_slip(job))
