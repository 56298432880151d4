"""Tools a plan can do without: what else cuts their features, and whether leaving them in the rack pays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from model.errors import CapabilityError
from model.feature import Feature, FreeSurface
from model.finding import Finding
from model.plan import Operation
from pipeline.plan.choice import Choice, Chosen, Step, Way, runs_of
from pipeline.plan.costs import eur_h
from pipeline.plan.minutes import seconds
from pipeline.plan.optimum import best
from pipeline.plan.sequence import ordered, precedence
from pipeline.plan.tools import Bench
from pipeline.plan.workpiece import Workpiece

Own = tuple[Feature, list[Operation]]
"""A feature and the operations that make it."""
Again = Callable[[Bench, Feature], list[Operation]]
"""Plans a feature anew on a bench."""
CLEARING = ("pocket", "adaptive", "slot", "rest_clear")
"""How stock is cleared away may change with the tool; what brings a feature on size may not."""


class Ways:
    """The ways to make each feature of one setup; the first is the one its method chooses.

    Another way does without one of its end mills, by tools that are at hand anyway (``loaded`` are those of earlier
    setups); it leaves no more in corners and brings the feature on size by the same kind of cut. Surfaces keep their
    tools, and so does all on a machine of no workshop, where loading has no price.
    """

    def __init__(self, bench: Bench, part: Workpiece, loaded: frozenset[int], own: Sequence[Own], again: Again) -> None:
        home = next((w for w in part.workshops if bench.machine.id in w.machines), None)
        self.bench, self.loaded, self.own, self.again = bench, loaded, own, again
        self.several = [[ops] for _, ops in own]
        self.against: dict[tuple[int, int], tuple[int, str]] = {}
        self.tools = {a.number: a for a in bench.machine.tools}
        self.used = {o.tool_number for _, ops in own for o in ops}
        self.load_eur = 0.0 if home is None else home.tool_min / 60 * home.labour_eur_h
        self.run_eur_h = 0.0 if home is None else part.quantity * eur_h(bench.machine, home)
        mills = [n for n in sorted(self.used - loaded) if self._mill(n)]
        self.left_out = [] if home is None else [n for n in mills if self._without(n)]
        if len(self.left_out) > 1:
            self._without_all(set(self.left_out))

    def operations(self, numbers: Sequence[int] | None = None) -> list[Operation]:
        """The operations of these ways, one number for each feature; of the first ways without numbers."""
        taken = numbers or [0] * len(self.several)
        return [o for several, k in zip(self.several, taken, strict=True) for o in several[k]]

    def seconds(self, ops: Sequence[Operation]) -> float:
        """What operations are reckoned to take."""
        return sum(seconds(self.bench.machine, self.tools[o.tool_number], o) for o in ops)

    def _without(self, out: int) -> bool:
        """Find a way without a tool for each feature it cuts; False when one has none or it cannot pay."""
        cut = [k for k, (_, ops) in enumerate(self.own) if out in _numbers(ops)]
        if any(isinstance(self.own[k][0], FreeSurface) for k in cut):
            return False
        runs = sum(o.tool_number == out for k in cut for o in self.own[k][1])
        spare = self.load_eur + runs * self.bench.machine.tool_change_s / 3600 * self.run_eur_h
        if self._slower(out) * self.run_eur_h / 3600 >= spare:
            return False
        for k in cut:
            ops = next((ops for ops in self.several[k] if ops and out not in _numbers(ops)), None)
            if ops is None:
                ops, against = self._other_way(k, {out})
                self.several[k].append(ops)
                if against:
                    self.against[k, len(self.several[k]) - 1] = (out, against)
                    return False
            spare -= (self.seconds(ops) - self.seconds(self.several[k][0])) / 3600 * self.run_eur_h
            if spare <= 0:
                return False
        return True

    def _slower(self, out: int) -> float:
        """Seconds that finer mills take longer at least for what the widest cuts now: lanes are as much narrower."""
        others = [self.tools[n].tool.diameter_mm for n in (self.used | self.loaded) - {out} if self._mill(n)]
        wide = self.tools[out].tool.diameter_mm
        by_it = self.seconds([o for _, ops in self.own for o in ops if o.tool_number == out])
        return by_it * max(0.0, wide / max(others, default=wide) - 1)

    def _mill(self, number: int) -> bool:
        return self.tools[number].tool.kind == "end-mill"

    def _without_all(self, out: set[int]) -> None:
        """For each feature a way by those tools alone that nothing goes without, where there is one."""
        for k, several in enumerate(self.several):
            if all(out & _numbers(known) for known in several if known):
                ops, against = self._other_way(k, out)
                if not against:
                    several.append(ops)

    def _other_way(self, k: int, out: set[int]) -> tuple[list[Operation], str]:
        """A feature by the tools at hand without some of them; no operations and a reason where none is as good."""
        feature, ops = self.own[k]
        at_hand = (self.used | self.loaded) - out
        machine = replace(self.bench.machine, tools=tuple(a for a in self.bench.machine.tools if a.number in at_hand))
        bench = replace(self.bench, machine=machine, unreachable=[])
        try:
            found = self.again(bench, feature)
        except CapabilityError:
            return [], "nothing else at hand cuts it"
        same = _finishing(found) == _finishing(ops) and {o.note for o in found} == {o.note for o in ops}
        finest = self._finest(found) <= self._finest(ops)
        if same and finest and not bench.unreachable:
            return found, ""
        return [], "what else is at hand leaves more in its corners or finishes it another way"

    def _finest(self, ops: Sequence[Operation]) -> float:
        mills = {o.tool_number for o in ops if self._mill(o.tool_number)}
        return min((self.tools[n].tool.diameter_mm for n in mills), default=0.0)


def best_tools(setups: Sequence[Ways], *, outline_last: bool = False) -> tuple[list[tuple[int, ...]], list[Finding]]:
    """For each setup the numbers of the ways whose tools cost least over all these setups, and why.

    Each tool is loaded once for all of them.
    """
    choice = _choice(setups, outline_last=outline_last)
    found = best(choice)
    if found is None:
        return [(0,) * len(ways.several) for ways in setups], []
    taken = iter(found.ways)
    return [tuple(next(taken) for _ in ways.several) for ways in setups], _told(setups, choice, found)


def _choice(setups: Sequence[Ways], *, outline_last: bool) -> Choice:
    """All setups' features with their ways, each setup a clamping that is paid anyway."""
    features: list[tuple[Way, ...]] = []
    before: set[tuple[str, str]] = set()
    count = 0
    for number, ways in enumerate(setups):
        every: list[Operation] = []
        of: list[int] = []
        first = count
        for f, several in enumerate(ways.several):
            own: list[Way] = []
            for k, ops in enumerate(several):
                steps = []
                for o in ordered(ops, outline_last=outline_last):
                    steps.append(Step(str(count), o.tool_number, ways.seconds([o])))
                    every.append(o)
                    of.append(f)
                    count += 1
                own.append(Way(tuple(steps), number, ways.against.get((f, k), (0, ""))[1]))
            features.append(tuple(own))
        pairs = precedence(every, outline_last=outline_last)
        before |= {(str(first + a), str(first + b)) for a, b in pairs if of[a] != of[b]}
    one = setups[0]
    return Choice(
        tuple(features), frozenset(before), one.run_eur_h, one.bench.machine.tool_change_s, one.load_eur,
        (0.0,) * len(setups), one.loaded,
    )  # fmt: skip


def _told(setups: Sequence[Ways], choice: Choice, found: Chosen) -> list[Finding]:
    """How sure the choice is, and of each way not taken what it would have cost or why it is none."""
    tools = {s.tool for w in choice.chosen(found.ways) for s in w.steps}
    runs = len(runs_of(choice, found.ways, found.order))
    sure = f"at most {100 * found.gap:.1f} % could be saved by another" if found.gap else "none is cheaper"
    message = f"{len(tools)} tools, {runs} times changed to: of the ways to cut that were looked at {sure}"
    notes = [Finding("plan.tools", message, value=round(found.gap, 6), limit=0.0, severity="note")]
    every = [(ways, k) for ways in setups for k in range(len(ways.several))]
    for other in found.others:
        ways, k = every[other.feature]
        feature, several = ways.own[k][0].id, ways.several[k]
        if other.eur is None:
            out, against = ways.against[k, other.way]
            message, more = f"{feature} keeps {_names({out})}: {against}", None
        else:
            more = round(other.eur - found.eur, 2)
            now, then = (_names(_numbers(several[n])) for n in (found.ways[other.feature], other.way))
            message = f"{feature} is cut by {now}; by {then} it would cost {more:.2f} EUR more, the rest as it is"
        notes.append(Finding("plan.tool", message, place=feature, value=more, severity="note"))
    return list(dict.fromkeys(notes))


def _names(numbers: set[int]) -> str:
    return ", ".join(f"T{n}" for n in sorted(numbers))


def _numbers(ops: Sequence[Operation]) -> set[int]:
    return {o.tool_number for o in ops}


def _finishing(ops: Sequence[Operation]) -> set[str]:
    """The kinds of cut that bring a feature on size."""
    return {o.strategy for o in ops} - set(CLEARING)
