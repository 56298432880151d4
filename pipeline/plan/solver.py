"""The door to the solver: whole numbers, flags, linear rules and a cost; the same model gives the same answer.

CP-SAT is asked by its own model format (cp_model.proto) through the compiled part of OR-tools alone: the package's
Python layer would load pandas, a second of CPU in every process that plans.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Terms = Sequence[tuple[int, int]]
"""Variables with their factors."""
SEED = 1


@dataclass(frozen=True, slots=True)
class Solved:
    """The best found: a value for each variable, what it costs, and what no other could cost less than."""

    values: tuple[int, ...]
    cost: int
    bound: int

    @property
    def optimal(self) -> bool:
        """True when nothing can be cheaper."""
        return self.cost <= self.bound


class Model:
    """A model in the making; variables are told by their number, the negation of flag ``f`` by ``-f - 1``."""

    def __init__(self) -> None:
        from ortools.sat.python import cp_model_helper

        self._kernel: Any = cp_model_helper
        self.proto: Any = cp_model_helper.CpModelProto()
        self._count = 0

    def whole(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""
        self.proto.variables.add().domain.extend([low, high])
        self._count += 1
        return self._count - 1

    def flag(self) -> int:
        """A yes or no."""
        return self.whole(0, 1)

    def linear(self, terms: Terms, low: int, high: int, only_if: Iterable[int] = ()) -> None:
        """The sum of the terms lies from ``low`` to ``high``, where all flags of ``only_if`` are true."""
        rule = self.proto.constraints.add()
        rule.linear.vars.extend([v for v, _ in terms])
        rule.linear.coeffs.extend([k for _, k in terms])
        rule.linear.domain.extend([low, high])
        rule.enforcement_literal.extend(list(only_if))

    def one_of(self, flags: Iterable[int]) -> None:
        """Exactly one of the flags is true."""
        self.proto.constraints.add().exactly_one.literals.extend(list(flags))

    def one_at_most(self, flags: Iterable[int]) -> None:
        """One of the flags is true, or none."""
        self.proto.constraints.add().at_most_one.literals.extend(list(flags))

    def not_all(self, flags: Iterable[int]) -> None:
        """One of the flags is false; of no flags at all none can be, and nothing is a solution."""
        self.proto.constraints.add().bool_or.literals.extend([-f - 1 for f in flags])

    def implies(self, first: int, then: int) -> None:
        """Where the first flag is true so is the other."""
        self.proto.constraints.add().bool_or.literals.extend([-first - 1, then])

    def cheapest(self, terms: Terms) -> None:
        """The sum of the terms is the cost, to be as small as can be."""
        self.proto.objective.vars.extend([v for v, _ in terms])
        self.proto.objective.coeffs.extend([k for _, k in terms])

    def start(self, values: Iterable[tuple[int, int]]) -> None:
        """Values of a solution known already, from which the search begins."""
        for variable, value in values:
            self.proto.solution_hint.vars.append(variable)
            self.proto.solution_hint.values.append(value)

    def solved(self, effort: float, *, presolve: bool = True, mixed: bool = False) -> Solved | None:
        """Solve with so much effort (the solver's deterministic seconds, no clock); None where nothing was found.

        Models of a few hundred variables are solved sooner than ``presolve`` makes them smaller; in those of many
        thousand several ways of searching, ``mixed``, find more than one does.
        One worker with a fixed seed: the same model gets the same answer on every run.
        """
        asked = self._kernel.SatParameters()
        asked.num_workers, asked.random_seed, asked.max_deterministic_time = 1, SEED, effort
        asked.cp_model_presolve, asked.interleave_search = presolve, mixed
        worker = self._kernel.SolveWrapper()
        worker.set_parameters(asked)
        told = worker.solve(self.proto)
        if told.status not in (self._kernel.CpSolverStatus.OPTIMAL, self._kernel.CpSolverStatus.FEASIBLE):
            return None
        return Solved(tuple(told.solution), round(told.objective_value), round(told.best_objective_bound))
