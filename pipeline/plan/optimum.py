"""Solves a choice: the ways, clampings, tools and order that cost least together, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from pipeline.plan.choice import MICRO, Choice, Chosen, Other, Runs, Waiting, by_hand, cost
from pipeline.plan.solver import Model

EFFORT = 0.5
"""Deterministic seconds given to one choice: about as many seconds of CPU, on any machine the same work."""
SPARE_RUNS, FEW_RUNS = 4, 12
"""Where ways differ, orders with so many more changes of tools than the rule of thumb's are looked at, or so many."""


@dataclass(frozen=True, slots=True)
class _Node:
    """Steps that any best order cuts in one go: ``way`` is (feature, its way) where others may be taken instead."""

    at: tuple[int, int]
    way: tuple[int, int] | None


def best(choice: Choice, *, effort: float = EFFORT) -> Chosen | None:
    """The choice at least cost; None when some feature has no way, or no order keeps what goes before what.

    Where the rule of thumb's order is as cheap as its bound nothing is solved.
    """
    may = [[k for k, w in enumerate(own) if not w.against] for own in choice.features]
    if not all(may):
        return None
    first = [own[0] for own in may]
    try:
        order, runs = by_hand(choice, first)
    except ValueError:
        found = _solved(choice, may, None, effort)
        return None if found is None else _told(choice, *found)
    spent = cost(choice, first, runs)
    if all(len(own) == 1 for own in may):
        bound = spent - (len(runs) - _fewest_runs(choice, first)) * choice.change
        if bound == spent:
            return _told(choice, tuple(first), order, spent, bound)
    found = _solved(choice, may, (first, runs), effort)
    if found is None or found[2] >= spent:
        return _told(choice, tuple(first), order, spent, min(spent, found[3]) if found else _least(choice, may, 1))
    return _told(choice, *found)


def _told(choice: Choice, ways: tuple[int, ...], order: tuple[str, ...], spent: int, bound: int) -> Chosen:
    return Chosen(ways, order, spent / MICRO, bound / MICRO, tuple(_others(choice, ways)))


def _others(choice: Choice, ways: tuple[int, ...]) -> list[Other]:
    """What each way not taken would have cost at most, the other features made as they are."""
    found = []
    for f, own in enumerate(choice.features):
        for k, way in enumerate(own):
            if k == ways[f]:
                continue
            if way.against:
                found.append(Other(f, k, None, way.against))
                continue
            instead = (*ways[:f], k, *ways[f + 1 :])
            try:
                eur = cost(choice, instead, by_hand(choice, instead)[1]) / MICRO
                found.append(Other(f, k, eur))
            except ValueError:
                found.append(Other(f, k, None, "no order is left in which it could be cut"))
    return found


def _fewest_runs(choice: Choice, ways: Sequence[int]) -> int:
    """No order has fewer changes: one for each tool in each clamping, and as many as the longest chain asks for."""
    waiting = Waiting(choice, ways)
    long: dict[str, int] = {}
    for one in TopologicalSorter(waiting.first).static_order():
        here = waiting.at[one]
        long[one] = max((long[p] + (waiting.at[p] != here) for p in waiting.first[one]), default=1)
    return max(len(set(waiting.at.values())), *long.values(), 0)


def _least(choice: Choice, may: Sequence[Sequence[int]], runs: int) -> int:
    """What any choice costs at least: the quickest ways, tools and clampings nothing goes without, so many changes."""
    quickest, tools, clampings = 0, set[int](), set[int]()
    for own, allowed in zip(choice.features, may, strict=True):
        ways = [own[k] for k in allowed]
        quickest += min(sum(choice.spent(s.seconds) for s in w.steps) for w in ways)
        tools |= set.intersection(*({s.tool for s in w.steps} for w in ways))
        clampings |= set.intersection(*({w.clamping} for w in ways))
    paid = len(tools - choice.loaded) * round(choice.load_eur * MICRO)
    return quickest + paid + sum(round(choice.clampings[c] * MICRO) for c in clampings) + runs * choice.change


def _nodes(choice: Choice, may: Sequence[Sequence[int]]) -> tuple[list[_Node], set[tuple[int, int]]]:
    """The steps of all ways put together where that loses nothing, and which node comes before which.

    Steps of one tool in one clamping that wait for the same are free at the same moment, whatever the order of tools:
    they are one node.
    """
    at: dict[str, tuple[int, int]] = {}
    of: dict[str, tuple[int, int] | None] = {}
    first: dict[str, set[str]] = {}
    for f, own in enumerate(choice.features):
        for k in may[f]:
            ids = [s.id for s in own[k].steps]
            at |= {s.id: (own[k].clamping, s.tool) for s in own[k].steps}
            of |= dict.fromkeys(ids, (f, k) if len(may[f]) > 1 else None)
            first |= {one: set(ids[max(n - 1, 0) : n]) for n, one in enumerate(ids)}
    for a, b in choice.before:
        if a in at and b in at:
            first[b].add(a)
    try:
        order = list(TopologicalSorter({one: sorted(first[one]) for one in at}).static_order())
    except CycleError:  # ways that exclude each other may wait for each other in a circle: nothing is put together
        order = []
    node: dict[str, int] = {}
    known: dict[object, int] = {}
    for one in order or at:
        key = (at[one], of[one], frozenset(node[p] for p in first[one])) if order and of[one] is None else one
        node[one] = known.setdefault(key, len(known))
    nodes = {node[one]: _Node(at[one], of[one]) for one in at}
    edges = {(node[p], node[one]) for one in at for p in first[one] if node[p] != node[one]}
    return [nodes[n] for n in range(len(nodes))], edges


def _solved(
    choice: Choice, may: Sequence[Sequence[int]], start: tuple[Sequence[int], Runs] | None, effort: float
) -> tuple[tuple[int, ...], tuple[str, ...], int, int] | None:
    """Ways, order, cost and bound by the solver; None where it finds nothing."""
    nodes, edges = _nodes(choice, may)
    several = any(len(own) > 1 for own in may)
    most = {c: _most_runs(choice, may, nodes, c) for c in sorted({n.at[0] for n in nodes})}
    room = dict(most)
    if start is not None:
        known = Counter(clamping for clamping, _ in start[1])
        room = {c: min(n, max(known[c] + SPARE_RUNS, FEW_RUNS) if several else known[c]) for c, n in most.items()}
    made = _Built(choice, may, nodes, edges, room)
    if start is not None:
        made.begin(*start)
    found = made.model.solved(effort, presolve=False)
    if found is None:
        return None
    ways, runs = made.read(found.values)
    order = Waiting(choice, ways).cut(runs)
    spent = cost(choice, ways, runs)
    bound = -(-found.bound // made.scale) if found.cost > found.bound else spent
    for c, n in most.items():
        if several and room[c] < n:  # orders with more changes were not looked at: none of them is cheaper
            bound = min(bound, _least(choice, may, room[c] + 1))
    return ways, order, spent, min(bound, spent)


def _most_runs(choice: Choice, may: Sequence[Sequence[int]], nodes: Sequence[_Node], clamping: int) -> int:
    """As many changes of tools as a clamping can have."""
    steps = (
        max((len(own[k].steps) for k in allowed if own[k].clamping == clamping), default=0)
        for own, allowed in zip(choice.features, may, strict=True)
    )
    return min(sum(steps), sum(n.at[0] == clamping for n in nodes))


class _Built:
    """The model of a choice: each stretch of one tool in one clamping is a slot, and every node lies in one."""

    def __init__(
        self,
        choice: Choice,
        may: Sequence[Sequence[int]],
        nodes: list[_Node],
        edges: set[tuple[int, int]],
        room: Mapping[int, int],
    ) -> None:
        self.model = model = Model()
        self.choice, self.may, self.nodes = choice, may, nodes
        self.way = {(f, k): model.flag() for f, own in enumerate(may) if len(own) > 1 for k in own}
        for f, own in enumerate(may):
            if len(own) > 1:
                model.one_of(self.way[f, k] for k in own)
        self.kinds = sorted({n.at for n in nodes})
        self.runs = {
            c: [{kind: model.flag() for kind in self.kinds if kind[0] == c} for _ in range(n)] for c, n in room.items()
        }
        self.lies = [[model.flag() for _ in self.runs[n.at[0]]] for n in nodes]
        self.used = {kind: model.flag() for kind in self.kinds}
        self._order_slots()
        self._place(edges)
        self._price()

    def _order_slots(self) -> None:
        """A clamping's slots are used from the first on, each by one tool."""
        for own in self.runs.values():
            for k, run in enumerate(own):
                self.model.one_at_most(run.values())
                if k:
                    before = [(v, 1) for v in own[k - 1].values()]
                    self.model.linear([*before, *((v, -1) for v in run.values())], 0, 1)

    def _place(self, edges: set[tuple[int, int]]) -> None:
        """Every node that is cut lies in one slot of its tool, after what goes before it."""
        model = self.model
        for n, node in enumerate(self.nodes):
            if node.way is None:
                model.one_of(self.lies[n])
                model.linear([(self.used[node.at], 1)], 1, 1)
            else:
                taken = self.way[node.way]
                model.linear([*((v, 1) for v in self.lies[n]), (taken, -1)], 0, 0)
                model.implies(taken, self.used[node.at])
            for k, lies in enumerate(self.lies[n]):
                model.implies(lies, self.runs[node.at[0]][k][node.at])
        for a, b in sorted(edges):
            self._in_order(a, b)
        for c, own in self.runs.items():
            flags = [v for run in own for v in run.values()]
            kinds = [(self.used[kind], -1) for kind in self.kinds if kind[0] == c]
            model.linear([*((v, 1) for v in flags), *kinds], 0, len(flags))

    def _in_order(self, a: int, b: int) -> None:
        """Where both nodes are cut the first comes before the other: in its slot, or in an earlier clamping."""
        first, then = self.nodes[a], self.nodes[b]
        both = sorted({self.way[n.way] for n in (first, then) if n.way is not None})
        if first.at[0] > then.at[0]:
            self.model.not_all(both)
        if first.at[0] != then.at[0]:
            return
        terms = [(v, k) for k, v in enumerate(self.lies[b])] + [(v, -k) for k, v in enumerate(self.lies[a])]
        self.model.linear(terms, int(first.at != then.at), len(self.runs[first.at[0]]), both)

    def _price(self) -> None:
        """All costs in millionths; of equal ones the ways named first win."""
        choice, model = self.choice, self.model
        later = {(f, k): own.index(k) for f, own in enumerate(self.may) for k in own}
        self.scale = 1 + sum(max((later[f, k] for k in own), default=0) for f, own in enumerate(self.may))
        terms = [(v, choice.change * self.scale) for own in self.runs.values() for run in own for v in run.values()]
        fixed = 0
        for f, own in enumerate(self.may):
            for k in own:
                spent = sum(choice.spent(s.seconds) for s in choice.features[f][k].steps) * self.scale
                if len(own) > 1:
                    terms.append((self.way[f, k], spent + later[f, k]))
                else:
                    fixed += spent
        for price, group in self._groups():
            any_of = model.flag()
            for kind in group:
                model.implies(self.used[kind], any_of)
            terms.append((any_of, price * self.scale))
        always = model.whole(1, 1)
        model.cheapest([*terms, (always, fixed)])

    def _groups(self) -> list[tuple[int, list[tuple[int, int]]]]:
        """What is paid once: a tool loaded, a clamping made; with the kinds of runs that need it."""
        load = round(self.choice.load_eur * MICRO)
        tools = sorted({t for _, t in self.kinds} - self.choice.loaded)
        clampings = sorted({c for c, _ in self.kinds})
        paid = [(load, [kind for kind in self.kinds if kind[1] == t]) for t in tools]
        return paid + [
            (round(self.choice.clampings[c] * MICRO), [kind for kind in self.kinds if kind[0] == c]) for c in clampings
        ]

    def begin(self, ways: Sequence[int], runs: Runs) -> None:
        """Start from a choice known already."""
        told = [(flag, int(ways[f] == k)) for (f, k), flag in self.way.items()]
        for c, slots in self.runs.items():
            known = [run for run in runs if run[0] == c]
            for k, slot in enumerate(slots):
                told += [(flag, int(k < len(known) and known[k] == kind)) for kind, flag in slot.items()]
        self.model.start(told)

    def read(self, values: Sequence[int]) -> tuple[tuple[int, ...], Runs]:
        """The ways and runs the solver decided for."""
        ways = tuple(next(k for k in own if len(own) == 1 or values[self.way[f, k]]) for f, own in enumerate(self.may))
        slots = [slot for _, own in sorted(self.runs.items()) for slot in own]
        runs = tuple(kind for slot in slots for kind, flag in slot.items() if values[flag])
        return ways, runs
