"""The table of runs: the truth about every run."""
