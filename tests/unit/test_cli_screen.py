"""What people see ends no order, wherever it is written."""

from __future__ import annotations

import errno
import io
import sys

import pytest

from pipeline.cli.screen import progress
from pipeline.engine.events import Event


class Full(io.TextIOBase):
    """A log on a disk that takes no more."""

    def write(self, _text: str) -> int:
        """Refuse."""
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("event", [Event("finished", "o-1", "plan"), Event("note", "o-1", detail="tried again")])
def test_a_log_on_a_full_disk_ends_no_order(monkeypatch: pytest.MonkeyPatch, event: Event) -> None:
    monkeypatch.setattr(sys, "stderr", Full())
    with progress(1) as listen:
        listen(event)
    with pytest.raises(OSError, match="No space"):
        sys.stderr.write("the log is really full")
