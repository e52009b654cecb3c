"""Loops on the CPU by Numba."""
