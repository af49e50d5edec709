"""`python -m exposure COMMAND …`."""

import sys

from exposure.cli import main

if __name__ == "__main__":
    sys.exit(main())
