"""Loops on a CUDA card by numba-cuda. Imported only when a card is asked for or found."""
