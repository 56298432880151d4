"""What every test needs: what this computer's own floor has taught stays out of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", autouse=True)
def _nothing_learned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("LOTONE_STATE")
    os.environ["LOTONE_STATE"] = str(tmp_path_factory.mktemp("state") / "none.db")
    yield
    if before is None:
        del os.environ["LOTONE_STATE"]
    else:
        os.environ["LOTONE_STATE"] = before
