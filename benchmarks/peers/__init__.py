"""The same storm on the same terrain through other solvers: each in a process of its own, on one thread.

A module per solver (`prepare`: problem → something that advances); `worker` runs
one of them and is what is timed; `race` starts the workers and compares.
"""
