"""Now is asked of one function, `app/clock.py`, which tests set: nothing else under app/ reads the clock.

Finds the standard library's clocks (called, or handed on as in `default=datetime.utcnow`), SQL's clocks by
`func`, and SQL's clocks written out in a string. Measuring a duration is not telling the time:
`time.monotonic()` and `time.perf_counter()` are free.

usage: python .ci/check_clock.py [FOLDER]     (app/ by default); exit 1 with FILE:LINE of each
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

CLOCK = "clock.py"
CLASSES = {"datetime.datetime": {"now", "utcnow", "today"}, "datetime.date": {"today"}}
CLOCKS = {f"{name}.{method}" for name, methods in CLASSES.items() for method in methods} | {
    f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "ctime")
}
SQL_CLOCKS = {
    "now",
    "current_timestamp",
    "current_date",
    "current_time",
    "localtimestamp",
    "localtime",
    "sysdate",
    "clock_timestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "unixepoch",
}
# what a bare name means when the file does not import it from where we look
USUAL = {"datetime": "datetime.datetime", "date": "datetime.date"}
IN_SQL = re.compile(
    r"\bCURRENT_(?:TIMESTAMP|DATE|TIME)\b|(?<![\w.])now\(\)|\b(?:clock|statement|transaction)_timestamp\(\)"
    r"|\b(?:date|time|datetime|julianday|unixepoch|strftime)\([^()]*'now'"
)


class Reader(ast.NodeVisitor):
    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.found: list[tuple[int, str]] = []

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.names[alias.asname or alias.name.split(".")[0]] = (
                alias.name if alias.asname else alias.name.split(".")[0]
            )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            whole = f"{node.module or ''}.{alias.name}"
            self.names[alias.asname or alias.name] = whole
            if whole in CLOCKS:
                self.found.append((node.lineno, whole))

    def path(self, node: ast.expr) -> str:
        """The dotted name an expression stands for; empty when it stands for none."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, USUAL.get(node.id, node.id))
        if isinstance(node, ast.Attribute):
            before = self.path(node.value)
            return f"{before}.{node.attr}" if before else ""
        return ""

    def visit_Attribute(self, node: ast.Attribute) -> None:
        path = self.path(node)
        owner, _, name = path.rpartition(".")
        if path in CLOCKS:
            self.found.append((node.lineno, path))
        elif name in SQL_CLOCKS and owner.rpartition(".")[2] == "func":
            self.found.append((node.lineno, f"func.{name}"))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and (match := IN_SQL.search(node.value)):
            line = node.lineno + node.value[: match.start()].count("\n")
            self.found.append((line, f"{match.group()!r} in a string"))

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring may say what it likes
            self.generic_visit(node)


def clocks(source: str, filename: str) -> list[tuple[int, str]]:
    """(line, name) of each clock that the source reads."""
    tree = ast.parse(source, filename)
    reader = Reader()
    for node in ast.walk(tree):  # imports first, wherever they stand
        if isinstance(node, ast.Import):
            reader.visit_Import(node)
        elif isinstance(node, ast.ImportFrom):
            reader.visit_ImportFrom(node)
    reader.found.clear()
    reader.visit(tree)
    return sorted(set(reader.found))


def sources(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.rglob("*.py")) if path != root / CLOCK)


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "app"
    if not root.is_dir():
        print(f"{root}: no such folder", file=sys.stderr)
        return 1
    here = Path.cwd()
    count = 0
    for path in sources(root):
        shown = path.relative_to(here) if path.is_relative_to(here) else path
        for line, name in clocks(path.read_text("utf-8"), str(shown)):
            print(f"{shown}:{line}: {name} reads the clock; ask app.clock instead")
            count += 1
    if count:
        return 1
    print("clock: only app/clock.py reads it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
