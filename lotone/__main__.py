"""``python -m lotone``: the command line."""

from __future__ import annotations

import lotone as _house  # puts the rooms on the path  # noqa: F401


def main() -> None:
    """Run the command line."""
    from pipeline.cli.app import main as run

    run()


if __name__ == "__main__":
    main()
