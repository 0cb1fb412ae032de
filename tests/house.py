"""The rules of the house, read off the syntax trees (tests/test_architecture.py applies them).

Every rule takes a Source and yields (line, what is wrong and what to do).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
FLOORS = ("casemgr.kit", "stores", "orders", "appeals")
# Rooms inside an app, lowest first. A module that is not named takes the tier of the highest one it imports.
TIERS = (
    {"enums"},
    {"models", "migrations"},
    {"rules", "workflow"},
    {"queries", "access"},
    {"actions", "detectors", "imports"},
    {"forms", "filters", "tables"},
    {"views", "api", "admin", "tasks", "management", "urls", "context", "middleware"},
)
SIGNALS = ("django.dispatch", "django.db.models.signals", "django.core.signals")
FILE_LINES, FUNCTION_LINES, VIEW_LINES, TASK_LINES = 300, 40, 30, 15
TEMPLATE_LINES, COMPONENT_LINES = 150, 40

Complaint = tuple[int, str]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file: where it is in the project, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @property
    def parts(self) -> tuple[str, ...]:
        return Path(self.path).with_suffix("").parts

    @property
    def module(self) -> str:
        return ".".join(part for part in self.parts if part != "__init__")

    @property
    def room(self) -> str:
        """The part of the name that says which room of its app a module is in ("views", "actions", ...)."""
        inside = self.parts[2:] if self.parts[:2] == ("casemgr", "kit") else self.parts[1:]
        return inside[0] if inside else ""

    def imports(self) -> Iterator[tuple[int, str]]:
        """(line, dotted name) of everything imported; for `from a import b` both `a` and `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                name = node.module or ""
                if node.level:
                    name = ".".join(filter(None, [*self.parts[: -node.level], name]))
                yield from ((node.lineno, f"{name}.{alias.name}") for alias in node.names)

    def says(self, line: int, pattern: str) -> bool:
        """Whether a comment matching `pattern` stands on this line (1 is the first) or on the one above it."""
        return any(re.search(pattern, self.lines[at]) for at in (line - 1, line - 2) if 0 <= at < len(self.lines))


def floor_of(name: str) -> int | None:
    """The floor a dotted name lives on: 0 kit ... 3 appeals, 4 the wiring (casemgr itself); None if not ours."""
    for number, floor in enumerate(FLOORS):
        if name == floor or name.startswith(f"{floor}."):
            return number
    return len(FLOORS) if name.split(".")[0] == "casemgr" and name != "casemgr.kit" else None


def imports_upward(source: Source) -> Iterator[Complaint]:
    """Floors import only what lies below; the wiring names the floors above kit by strings, never by import."""
    own = floor_of(source.module)
    for line, name in source.imports():
        other = floor_of(name)
        if own is None or other is None or other == own or name == "casemgr.kit":
            continue
        if own == len(FLOORS) and other > 0:
            yield line, f"the wiring imports {name}: name it by a string"
        elif own < other:
            yield line, f"{FLOORS[own]} imports {name}, which lies above it: move what is needed down, or pass it in"


def tier_of(room: str) -> int | None:
    return next((number for number, rooms in enumerate(TIERS) if room in rooms), None)


def rooms_upward(sources: list[Source]) -> Iterator[tuple[Source, Complaint]]:
    """Inside an app, lower rooms import nothing from higher ones, not even through a module without a tier."""
    by_module = {source.module: source for source in sources}
    known: dict[str, int] = {}

    def reach(module: str, seen: frozenset[str] = frozenset()) -> int:
        source = by_module[module]
        own = tier_of(source.room)
        if own is not None or module in seen:
            return own or 0
        if module not in known:
            known[module] = max((reach(name, seen | {module}) for _line, name in _inside(source)), default=0)
        return known[module]

    def _inside(source: Source) -> Iterator[tuple[int, str]]:
        for line, name in source.imports():
            target = name if name in by_module else name.rpartition(".")[0]
            if target in by_module and target != source.module and target.split(".")[0] == source.parts[0]:
                yield line, target

    for source in sources:
        own = tier_of(source.room)
        if own is None or floor_of(source.module) in (None, 0, len(FLOORS)):
            continue
        for line, target in dict.fromkeys(_inside(source)):
            if reach(target) > own:
                low, high = "/".join(sorted(TIERS[own])), "/".join(sorted(TIERS[reach(target)]))
                yield source, (line, f"{target} belongs to {high}, above {low}: turn the call around or move it down")


def imports_in_functions(source: Source) -> Iterator[Complaint]:
    for function in (node for node in ast.walk(source.tree) if isinstance(node, Function)):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom) and not source.says(node.lineno, r"#\s*(?!noqa|type:)\S"):
                yield node.lineno, "import inside a function: move it to the top, or say why in a comment beside it"


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def status_writes(source: Source) -> Iterator[Complaint]:
    """Only casemgr/kit/workflow.py writes a status column; a new row takes the model's default."""
    if source.path == "casemgr/kit/workflow.py":
        return
    cure = "status is written by Flow.go only: give the flow an arrow and call go()"
    for node in ast.walk(source.tree):
        assigned = isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and _sets_status(node)
        called = isinstance(node, ast.Call) and _writes_status(node)
        if assigned or called or re.search(r"(?is)\bupdate\b.+\bset\b[^;]*\bstatus\b\s*=", _text(node)):
            yield getattr(node, "lineno", 1), cure


def _sets_status(node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Attribute) and target.attr == "status" for target in targets)


def _writes_status(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    words = {_text(node) for argument in [*call.args, *call.keywords] for node in ast.walk(argument)}
    if name == "update":
        return isinstance(call.func, ast.Attribute) and any(keyword.arg == "status" for keyword in call.keywords)
    if name in ("bulk_update", "update_or_create", "setattr"):
        return "status" in words
    return name == "save" and "status" in words


def unscoped_queries(source: Source) -> Iterator[Complaint]:
    """In views and api a query starts with `.visible_to(`; or `# scope: reason` stands beside it."""
    if source.room not in ("views", "api", "context"):
        return
    cure = "starts without a scope: write .objects.visible_to(user), or `# scope: reason` beside it"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and _is_manager(node.value):
            found = f"{ast.unparse(node.value)}.{node.attr}"
            if node.attr != "visible_to" and not source.says(node.lineno, r"#\s*scope:\s*\S"):
                yield node.lineno, f"{found} {cure}"
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("get_object_or_404", "get_list_or_404"):
            is_class = isinstance(node.args[0], ast.Name) and node.args[0].id[:1].isupper() if node.args else False
            if is_class and not source.says(node.lineno, r"#\s*scope:\s*\S"):
                yield node.lineno, f"{ast.unparse(node)} {cure}"


def _is_manager(node: ast.Attribute) -> bool:
    return node.attr in ("objects", "_default_manager", "_base_manager")


def signals(source: Source) -> Iterator[Complaint]:
    for line, name in source.imports():
        if name.startswith(SIGNALS):
            yield line, f"{name}: no signals here; call what should happen from the action"


def long_files(source: Source) -> Iterator[Complaint]:
    length = source.text.rstrip("\n").count("\n") + 1
    if length > FILE_LINES and not re.search(r"(?m)^# budget: \S", source.text):
        yield 1, f"{length} lines, {FILE_LINES} are the budget: split it, or say `# budget: reason` at its left margin"


def long_functions(source: Source) -> Iterator[Complaint]:
    """Lines from `def` to the end, without the docstring."""
    budget = {"views": VIEW_LINES, "tasks": TASK_LINES}.get(source.room, FUNCTION_LINES)
    for node in (node for node in ast.walk(source.tree) if isinstance(node, Function)):
        first, last = node.lineno, node.end_lineno or node.lineno
        length = last - first + 1
        if ast.get_docstring(node) is not None:
            length -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
        if length > budget and not any("# budget: " in line for line in source.lines[max(first - 2, 0) : last]):
            yield first, f"{node.name} has {length} lines, {budget} are the budget: split it, or say `# budget: reason`"


def long_template(path: str, text: str) -> Iterator[Complaint]:
    budget = COMPONENT_LINES if "components" in Path(path).parts else TEMPLATE_LINES
    length = text.rstrip("\n").count("\n") + 1
    if length > budget and not re.search(r"\{# budget: \S", text):
        yield 1, f"{length} lines, {budget} are the budget: split it, or say {{# budget: reason #}}"


RULES = (
    imports_upward,
    imports_in_functions,
    status_writes,
    unscoped_queries,
    signals,
    long_files,
    long_functions,
)


def sources() -> list[Source]:
    """Every Python file of the product; migrations are generated and tests have rules of their own."""
    found = [path for app in ("casemgr", "stores", "orders", "appeals") for path in sorted((BASE / app).rglob("*.py"))]
    kept = [path for path in found if "migrations" not in path.parts]
    return [Source(path.relative_to(BASE).as_posix(), path.read_text(encoding="utf-8")) for path in kept]


def templates() -> list[tuple[str, str]]:
    found = sorted((BASE / "templates").rglob("*.html"))
    return [(path.relative_to(BASE).as_posix(), path.read_text(encoding="utf-8")) for path in found]
