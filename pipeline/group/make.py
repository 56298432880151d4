"""Makes the groups of a checked plan: one folder each, and every order released exactly once."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from model.errors import LotOneError, OrderError
from model.group import Group
from model.tooling import ShopData
from pipeline.engine.claim import TOGETHER, Claim, claim, claimed, members, unclaim
from pipeline.engine.code import code_digest
from pipeline.engine.codec import encode
from pipeline.engine.entries import entries_of
from pipeline.engine.events import Event, Listener, recorder, silent
from pipeline.engine.folder import EVENTS, SCHEMA, Manifest, held, read_manifest, withdraw
from pipeline.engine.outcome import Outcome, problem_of, verdict_of
from pipeline.engine.stage import Run
from pipeline.engine.store import Store, sha256
from pipeline.group.line import travel_together
from pipeline.line import finish


def make_group(
    group: Group, digests: Mapping[str, str], shop: ShopData, out: Path, store: Store, listen: Listener = silent
) -> Outcome:
    """Take a group down its line and write its folder; its orders' folders say where they were made.

    ``digests`` are those of the orders as they were read. What an earlier plan had in this group and this one has not
    is to be made alone again. Nothing expected is raised, as with `make_order`.
    """
    root = out / group.id
    ids = sorted(m.brief.order_id for m in group.members)
    try:
        with ExitStack() as stack:
            before = members(root)
            for name in sorted({group.id, *ids, *before}):
                stack.enter_context(held(out / name))
            _need_free(group.id, ids, out)

            made = _made(group, digests, shop, out, store, listen)
            for name in sorted(before if made.problem else before - set(ids)):
                unclaim(out, name, group.id)
            return made
    except LotOneError as error:
        problem = problem_of(error)
        return Outcome(group.id, verdict_of(problem), problem=problem)


def _made(
    group: Group, digests: Mapping[str, str], shop: ShopData, out: Path, store: Store, listen: Listener
) -> Outcome:
    root, code = out / group.id, code_digest()
    made_for = sha256(b"\n".join([code.encode(), encode(group), encode(shop)]))
    withdraw(root, made_for)
    process, problem = "", None
    run = Run(group.id, store, code, recorder(root / EVENTS, listen))
    try:
        process = travel_together(group, shop, run)
        # Said before the group's folder is there: an order whose group was never finished is made alone.
        for member in group.members:
            claim(out, Claim(member.brief.order_id, group.id, digests[member.brief.order_id]))
    except LotOneError as error:
        problem = problem_of(error)
    except Exception as error:  # noqa: BLE001 - a bug in one stage must not take the other plates with it
        run.listen(Event("note", group.id, run.current, detail=traceback.format_exc()))
        problem = problem_of(error, run.current)
    entries = () if problem else entries_of(run, None)
    return finish(root, run, entries, Manifest(SCHEMA, group.id, "", process, made_for, ()), problem)


def _need_free(group_id: str, ids: Sequence[str], out: Path) -> None:
    """Refuse orders that are released elsewhere: they would be made twice.

    Raises:
        OrderError: ``group.made-already``.
    """
    for name in ids:
        there = claimed(out / name)
        if there is None and _made_alone(out / name):
            where = "alone"
        elif there is not None and there.group != group_id:
            where = f"in {there.group}"
        else:
            continue
        raise OrderError(
            "group.made-already", f"{name} is released already, {where}: in {group_id} it would be made twice",
            place=name, value=where, limit=group_id,
            hint=f"Take it out of the plan, or, if it was not made yet, delete {out / name}.",
        )  # fmt: skip


def _made_alone(root: Path) -> bool:
    try:
        manifest = read_manifest(root)
    except LotOneError:
        return False
    return manifest.verdict == "released" and manifest.process != TOGETHER
