"""`python -m flood_sim` is `flood-sim`."""

import sys

from flood_sim.cli import main

if __name__ == "__main__":
    sys.exit(main())
