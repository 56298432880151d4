"""The errors a user may meet: one base, four expected kinds, each with its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from model.finding import Finding

if TYPE_CHECKING:
    from model.order import Question


class LotOneError(Exception):
    """Something went wrong and the message says what, where, and what to do next.

    Args:
        code: Stable dotted code, ``"<stage>.<what>"``, for machines and tests.
        message: One sentence with the place, the number and the limit.
        hint: What to do next.
        place: Where: a field, a face, a line of a program.
        value: The measured or given value.
        limit: What it is held against.
        findings: Every finding behind this failure, when there are several.
    """

    exit_code: ClassVar[int] = 70
    kind: ClassVar[str] = "bug"

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str = "",
        place: str = "",
        value: float | str | None = None,
        limit: float | str | None = None,
        findings: tuple[Finding, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.place = place
        self.value = value
        self.limit = limit
        self.findings = findings
        self.order_id = ""
        self.stage = ""

    def told(self) -> tuple[Finding, ...]:
        """The findings behind this refusal, or itself as one."""
        return self.findings or (Finding(self.code, self.message, self.place, self.value, self.limit, self.hint),)

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross to another process as it is: an exception made again from its message alone would lose the rest."""
        return _again, (type(self), self.message, self.__dict__)


def _again(kind: type[LotOneError], message: str, fields: dict[str, Any]) -> LotOneError:
    error = kind.__new__(kind, message)
    error.__dict__.update(fields)
    return error


class OrderError(LotOneError):
    """The customer can fix it: the order is wrong, incomplete or contradictory."""

    exit_code: ClassVar[int] = 65
    kind: ClassVar[str] = "order"


class QuestionError(OrderError):
    """The order waits for an answer; nothing was guessed."""

    kind: ClassVar[str] = "waiting"

    def __init__(self, code: str, message: str, questions: tuple[Question, ...], *, hint: str = "") -> None:
        super().__init__(code, message, hint=hint or "Answer the questions and send the order again.")
        self.questions = questions


class CapabilityError(LotOneError):
    """This shop cannot make it: no machine, tool, stock, engine or reach."""

    exit_code: ClassVar[int] = 69
    kind: ClassVar[str] = "capability"

    @classmethod
    def told_by(cls, findings: Sequence[Finding]) -> CapabilityError:
        """The refusal that speaks with its first finding and carries all of them."""
        first = findings[0]
        return cls(
            first.code, first.message, place=first.place, value=first.value, limit=first.limit, hint=first.hint,
            findings=tuple(findings),
        )  # fmt: skip


class VerificationError(LotOneError):
    """The proof failed: never release."""

    exit_code: ClassVar[int] = 76
    kind: ClassVar[str] = "verification"


class ConfigError(LotOneError):
    """Data, machine settings or the computer's set-up are wrong."""

    exit_code: ClassVar[int] = 78
    kind: ClassVar[str] = "config"
