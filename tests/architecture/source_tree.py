"""A source tree as the rules of the house see it: modules, what they import, lines of text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

CODE_FOLDERS = ("core", "gui", "tests")
TEXT_SUFFIXES = {
    ".py",
    ".md",
    ".toml",
    ".json",
    ".glsl",
    ".vert",
    ".frag",
    ".cfg",
    ".ini",
    ".yml",
    ".yaml",
    ".sh",
}
BUILT_FOLDERS = {"build", "dist"}  # at the top only: core/head/build is source


@dataclass(frozen=True)
class Module:
    """One Python file of the tree."""

    name: str
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @cached_property
    def imports(self) -> frozenset[tuple[str, int]]:
        """`written_imports`, sub-packages of `rhytid` by their folders: `rhytid.core.maps` is `core.maps`."""
        return frozenset((name.removeprefix("rhytid."), line) for name, line in self.written_imports)

    @cached_property
    def written_imports(self) -> frozenset[tuple[str, int]]:
        """(dotted name, line) of everything imported anywhere in the file, `from a import b` as `a.b`."""
        found: set[tuple[str, int]] = set()
        package = self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {(alias.name, node.lineno) for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    above = package.split(".")[: len(package.split(".")) - node.level + 1]
                    base = ".".join([*above, *([base] if base else [])])
                found |= {(f"{base}.{alias.name}", node.lineno) for alias in node.names}
            elif (
                isinstance(node, ast.Call) and called(node) in ("import_module", "__import__") and node.args
            ):
                name = node.args[0]
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    found.add((name.value, node.lineno))
        return frozenset(found)

    def imports_of(self, packages: set[str]) -> list[tuple[str, int]]:
        return sorted((name, line) for name, line in self.imports if name.split(".")[0] in packages)

    def inside(self, *folders: str) -> bool:
        return any(self.name == folder or self.name.startswith(f"{folder}.") for folder in folders)


@lru_cache(maxsize=1)
def modules(root: Path) -> tuple[Module, ...]:
    """All Python files of `core`, `gui` and `tests`, and those at the top; a tree is read once."""
    paths = [*root.glob("*.py"), *(path for folder in CODE_FOLDERS for path in (root / folder).rglob("*.py"))]
    return tuple(
        Module(_dotted(path.relative_to(root)), path, path.read_text(encoding="utf-8"))
        for path in sorted(paths)
        if "__pycache__" not in path.parts
    )


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def text_lines(root: Path) -> Iterator[tuple[Path, int, str]]:
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        hidden = any(part.startswith(".") and part != ".ci" for part in relative.parts)
        made = relative.parts[0] in BUILT_FOLDERS or "__pycache__" in relative.parts
        if hidden or made or not path.is_file():
            continue
        if path.suffix in TEXT_SUFFIXES or relative.parts[0] == ".ci":
            for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
                yield relative, number, line
