"""The command line's last resort: whatever fails is an exit code and one screen, never a bare traceback."""

from __future__ import annotations

import errno
import json

import pytest

from model.errors import ConfigError
from pipeline.cli.screen import finish, show_error
from pipeline.engine.outcome import Outcome


@pytest.mark.parametrize(
    ("error", "exit_code", "code", "first"),
    [
        (OSError(errno.ENOSPC, "full", "x"), 78, "store.disk-full", "store.disk-full: "),
        (PermissionError(errno.EACCES, "no", "x"), 78, "store.cannot-write", "store.cannot-write: "),
        (KeyError("shop"), 70, "bug.KeyError", "bug: KeyError: 'shop'"),
        (ValueError("two\nlines"), 70, "bug.ValueError", "bug: ValueError: two lines"),
        (ConfigError("cli.x", "wrong"), 78, "cli.x", "cli.x: wrong"),
    ],
)
def test_every_failure_has_a_code_a_line_and_one_json_object(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    exit_code: int,
    code: str,
    first: str,
) -> None:
    monkeypatch.delenv("LOTONE_DEBUG", raising=False)
    returned = show_error(error, as_json=True)
    told = capsys.readouterr()

    assert (exit_code, exit_code, code) == (
        returned,
        json.loads(told.out)["exit_code"],
        json.loads(told.out)["problem"]["code"],
    )
    assert told.err.startswith(first)
    assert "Traceback" not in told.err


def test_the_trace_of_a_bug_is_shown_on_request(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOTONE_DEBUG", "1")
    show_error(KeyError("shop"))

    assert "KeyError: 'shop'\nbug: " in capsys.readouterr().err


@pytest.mark.parametrize("as_json", [False, True])
def test_the_notes_on_an_order_are_shown(capsys: pytest.CaptureFixture[str], *, as_json: bool) -> None:
    finish([Outcome("p-1", "released", "out/p-1", notes=("the text is cut in capitals",))], as_json=as_json)
    told = capsys.readouterr()

    assert "\n  the text is cut in capitals\n" in told.err
    assert as_json == ("the text is cut in capitals" in told.out)
