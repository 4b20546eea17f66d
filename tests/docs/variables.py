"""Which environment variables the service reads, as its source says."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# os.environ.get knows texts only: what these two make of them stands beside the name here.
_TEXTS_READ_AS = {
    "WEB_WORKERS": "int",
    "WEB_THREADS": "int",
    "RUN_DIR": "path",
    "METRICS_PORT": "int",
    "METRICS_HOST": "str",
    "METRICS_DIR": "path",
}


@dataclass(frozen=True)
class Variable:
    """One variable; `default` is None where it is computed or there is none."""

    name: str
    type: str
    default: object = None


def read_by_the_service() -> dict[str, Variable]:
    """By name."""
    return {variable.name: variable for variable in each_reading()}


def each_reading() -> Iterator[Variable]:
    """Those that are read in two places are named twice."""
    for file in ("config/settings.py", "config/gunicorn.py", "config/env.py"):
        yield from _read_in(ROOT / file)


def _read_in(file: Path) -> Iterator[Variable]:
    for node in ast.walk(ast.parse(file.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        reader, method, name = ast.unparse(node.func.value), node.func.attr, node.args[0]
        if not isinstance(name, ast.Constant):
            continue
        default = _constant(node.args[1]) if len(node.args) > 1 else None
        if reader == "env" and method != "add_parser":
            yield Variable(str(name.value), method, default)
        elif (reader, method) == ("os.environ", "get"):
            yield Variable(str(name.value), _TEXTS_READ_AS[str(name.value)], default)


def _constant(node: ast.expr) -> object:
    """What a default without names in it amounts to."""
    if any(isinstance(each, ast.Name) for each in ast.walk(node)):
        return None
    return eval(compile(ast.Expression(node), "default", "eval"))
