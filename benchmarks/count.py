"""Operations and bytes of one cell and step, counted from the sources of kernels and backends.

Operations: every +, -, *, / and every max, min, abs, sqrt, comparison or
conditional on floating-point values in the innermost loops of
backends/cpu/rows.py and slopes.py counts as one, formulas called from there included, as
written; index arithmetic does not count. The compiler merges some into
multiply-adds and one division costs more than one addition: a count of work,
not of time.

Bytes: the pass goes once over the arrays, and its working rows stay in cache,
so each array is read once and, if it changes, written once per step. A test
runs a step and checks which arrays change.
"""

from __future__ import annotations

import ast
import inspect
from functools import cache
from types import ModuleType

from flood_sim.backends.cpu import rows, slopes
from flood_sim.backends.layout import Maxima, State
from flood_sim.kernels import flux, friction, mass, record, slope

FLOW_LOOPS = ("slopes_x", "slopes_y", "x_faces", "y_faces", "limiter", "scale_x", "scale_y", "depths", "velocities")
RECORD_LOOPS = ("maxima", "passed")
CHANGED_STATE = frozenset({"h", "residual", "u", "v", "qx", "qy"})
CHANGED_MAXIMA = frozenset(Maxima._fields)
RARELY_MOVED = frozenset({"arrival", "wet_s"})
"""Read and written only where a cell passes the threshold: not reckoned with."""
WORD = 4
"""Bytes of a float32."""
BUILT_IN = {"max", "min", "abs", "sqrt"}
FREE = {"float32", "int32", "view"}
"""Conversions and re-readings of bits."""


def operations(*, record_maxima: bool) -> int:
    """Floating-point operations of one cell in one step."""
    loops = FLOW_LOOPS + (RECORD_LOOPS if record_maxima else ())
    return sum(_of_loop(_loops()[name]) for name in loops)


def bytes_moved(*, record_maxima: bool) -> int:
    """Bytes of one cell that a step must bring from and to memory when no array stays in cache."""
    words = len(State._fields) + len(CHANGED_STATE)
    if record_maxima:
        words += 2 * len(CHANGED_MAXIMA - RARELY_MOVED)
    return WORD * words


@cache
def _functions(module: ModuleType) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(inspect.getsource(module))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


@cache
def _loops() -> dict[str, ast.FunctionDef]:
    return {**_functions(rows), **_functions(slopes)}


@cache
def _formulas() -> dict[str, ast.FunctionDef]:
    return {name: node for module in (flux, friction, mass, record, slope) for name, node in _functions(module).items()}


def _of_loop(function: ast.FunctionDef) -> int:
    """Operations of one turn of the function's loop."""
    loop = next(node for node in function.body if isinstance(node, ast.For))
    counter = _Counter({name.id for name in ast.walk(loop.target) if isinstance(name, ast.Name)})
    for statement in loop.body:
        counter.visit(statement)
    return counter.count


@cache
def _of_formula(name: str) -> int:
    function = _formulas()[name]
    counter = _Counter(set())
    for statement in function.body:
        counter.visit(statement)
    return counter.count


class _Counter(ast.NodeVisitor):
    """Counts what a statement does with floating-point values; knows which names are integers."""

    def __init__(self, integers: set[str]) -> None:
        self.count = 0
        self.integers = integers

    def visit_Assign(self, node: ast.Assign) -> None:
        names = [n for n in ast.walk(node.value) if isinstance(n, ast.Name)]
        whole = bool(names) and all(n.id in self.integers for n in names)
        if whole and isinstance(node.targets[0], ast.Name):
            self.integers.add(node.targets[0].id)
        else:
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.count += 1
        self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """What stands in the brackets is an index."""

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self.count += 1
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        self.count += 1
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.count += 1
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in BUILT_IN:
            self.count += len(node.args) - 1 if len(node.args) > 1 else 1
        elif name in _formulas():
            self.count += _of_formula(name)
        elif name not in FREE:
            raise ValueError(f"benchmarks/count.py does not know what {name} costs")
        for argument in node.args:
            self.visit(argument)
        if isinstance(node.func, ast.Attribute):
            self.visit(node.func.value)
