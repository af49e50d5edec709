"""`python -m exposure COMMAND …`."""

import sys

from exposure.cli import main


def run() -> None:
    """Run the command `exposure`, which is the same."""
    sys.exit(main())


if __name__ == "__main__":
    run()
