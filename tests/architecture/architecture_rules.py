"""The rules of the house as functions from a source tree to the places that break them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

CODE_FOLDERS = ("core", "gui", "tests")
MAX_LINES = 400
QT = {"PySide6", "PySide2", "PyQt5", "PyQt6", "qtpy", "superqt", "pyqtgraph", "qtawesome", "shiboken6"}
GL = {"moderngl", "OpenGL", "glcontext"}
TORCH = {"torch", "torchvision", "torchaudio"}
TORCH_FOLDERS = ("core.networks", "core.training")
PICKLES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "joblib"}
VAGUE_NAMES = re.compile(r"(utils?|helpers?|managers?|misc|common|stuff)$")
# Each may import those before it on its line of descent; what is not listed here is free below `cli`.
LAYERS = {
    "arkit": 0,
    "files": 0,
    "resources": 0,
    "maps": 1,
    "head": 2,
    "lines": 2,
    "detail": 3,
    "synthesis": 4,
    "networks": 4,
    "learned": 4,
    "document": 5,
    "io": 6,
    "face": 7,
    "training": 8,
    "evaluation": 8,
    "cli": 9,
}
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
# Written apart so that this file does not break the rules it states.
MACHINE_PATH = re.compile(
    r"(?<![\w./~$}-])/(?:"
    + "|".join(("work", "home", "root", "Users", "tmp", "mnt", "opt"))
    + r")/\w|\b[A-Z]:\\"
    + r"Users\\"
)
UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")


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
                isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__") and node.args
            ):
                name = node.args[0]
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    found.add((name.value, node.lineno))
        return frozenset(found)

    def imports_of(self, packages: set[str]) -> list[tuple[str, int]]:
        return sorted((name, line) for name, line in self.imports if name.split(".")[0] in packages)

    def inside(self, *folders: str) -> bool:
        return any(self.name == folder or self.name.startswith(f"{folder}.") for folder in folders)


def modules(root: Path) -> list[Module]:
    """All Python files of `core`, `gui` and `tests`, and those at the top."""
    paths = [*root.glob("*.py"), *(path for folder in CODE_FOLDERS for path in (root / folder).rglob("*.py"))]
    return [
        Module(_dotted(path.relative_to(root)), path, path.read_text(encoding="utf-8"))
        for path in sorted(paths)
        if "__pycache__" not in path.parts
    ]


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def core_is_free_of_gui(root: Path) -> Iterator[str]:
    for module in modules(root):
        # core/api is the face of the whole program, the picture of a head included.
        if module.inside("core") and not module.inside("core.api"):
            for name, line in module.imports_of(QT | GL | {"gui"}):
                yield f"{module.name}:{line} imports {name}; core knows neither Qt nor OpenGL nor gui"


def source_goes_by_its_package(root: Path) -> Iterator[str]:
    """Installed, only `rhytid` exists; and the package's own face is `rhytid`, not `rhytid.core.api`."""
    for module in modules(root):
        for name, line in sorted(module.written_imports):
            bare = name.split(".")[0] in ("core", "gui", "shaders", "resources")
            if bare or f"{name}.".startswith("rhytid.core.api."):
                yield f"{module.name}:{line} imports {name}; the installed package knows only rhytid and what is in it"


def torch_stays_in_networks(root: Path) -> Iterator[str]:
    for module in modules(root):
        if module.inside("core", "gui", "main") and not module.inside(*TORCH_FOLDERS):
            for name, line in module.imports_of(TORCH):
                yield f"{module.name}:{line} imports {name}; torch belongs to {' and '.join(TORCH_FOLDERS)}"


def core_has_one_direction(root: Path) -> Iterator[str]:
    for module in modules(root):
        layer = _layer(module.name)
        if layer is None:
            continue
        for name, line in sorted(module.imports):
            other = _layer(name)
            if other is None or other == layer:
                continue
            if LAYERS[other] >= LAYERS[layer]:
                yield f"{module.name}:{line} imports {name}; core.{other} does not lie below core.{layer}"


def _layer(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "core" and parts[1] in LAYERS else None


def render_is_free_of_qt(root: Path) -> Iterator[str]:
    """`gui.render`, and whatever of the project it needs, works without Qt."""
    by_name = {module.name: module for module in modules(root)}
    waiting = [name for name in by_name if by_name[name].inside("gui.render")]
    seen: set[str] = set(waiting)
    while waiting:
        module = by_name[waiting.pop()]
        for name, line in module.imports_of(QT):
            yield f"{module.name}:{line} imports {name}; gui.render needs it and is moderngl without Qt"
        for name, _ in module.imports:
            target = name if name in by_name else name.rpartition(".")[0]
            if target in by_name and target not in seen:
                seen.add(target)
                waiting.append(target)


def qt_meets_opengl_in_viewport(root: Path) -> Iterator[str]:
    for module in modules(root):
        if not module.inside("gui") or module.inside("gui.viewport"):
            continue
        gl = module.imports_of(GL)
        if gl and not module.inside("gui.render"):
            name, line = gl[0]
            yield f"{module.name}:{line} imports {name}; OpenGL belongs to gui.render and gui.viewport"
        for name, line in module.imports_of(QT):
            if "OpenGL" in name:
                yield f"{module.name}:{line} imports {name}; Qt and OpenGL meet in gui.viewport only"


def names_say_what_is_inside(root: Path) -> Iterator[str]:
    for module in modules(root):
        if any(VAGUE_NAMES.search(part) for part in module.name.split(".")):
            yield f"{module.name} does not say what is inside; name it after its subject"


def core_is_documented(root: Path) -> Iterator[str]:
    for module in modules(root):
        if not module.inside("core") or not module.tree.body:
            continue
        if ast.get_docstring(module.tree) is None:
            yield f"{module.name} has no docstring"
        for node in module.tree.body:
            public = isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
            if public and ast.get_docstring(node) is None:
                yield f"{module.name}:{node.lineno} {node.name} has no docstring"


def modules_are_short(root: Path) -> Iterator[str]:
    for module in modules(root):
        n_lines = module.text.count("\n")
        if n_lines > MAX_LINES:
            yield f"{module.name} has {n_lines} lines; split it by topic, {MAX_LINES} are the most"


def nothing_is_unpickled(root: Path) -> Iterator[str]:
    for module in modules(root):
        for name, line in module.imports_of(PICKLES):
            yield f"{module.name}:{line} imports {name}; nothing is ever unpickled"
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            owner = function.value if isinstance(function, ast.Attribute) else None
            if _called(node) == "load" and isinstance(owner, ast.Name) and owner.id == "torch":
                yield f"{module.name}:{node.lineno} calls torch.load; weights are safetensors"
            for keyword in node.keywords:
                off = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                # A test may write an array of objects, to see that reading it is refused.
                written = module.inside("tests") and _called(node) in ("save", "savez")
                if keyword.arg == "allow_pickle" and not off and not written:
                    yield f"{module.name}:{node.lineno} allows pickles; nothing is ever unpickled"


def settings_are_plain(root: Path) -> Iterator[str]:
    """Qt's settings store a tuple as a pickle, and unpickle it when they are asked for the value."""
    for module in modules(root):
        for name, line in sorted(module.imports):
            if name.endswith(".QSettings"):
                yield f"{module.name}:{line} imports {name}; settings are in gui.settings_file"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr == "QSettings":
                yield f"{module.name}:{node.lineno} uses {ast.unparse(node)}; settings are in gui.settings_file"


def nothing_is_unfinished(root: Path) -> Iterator[str]:
    for path, number, line in _lines(root):
        if UNFINISHED.search(line):
            yield f"{path}:{number} is marked unfinished: {line.strip()[:80]}"
    for module in modules(root):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node):
                yield f"{module.name}:{node.lineno} raises NotImplementedError; finish it or leave it out"


def no_machine_is_named(root: Path) -> Iterator[str]:
    for path, number, line in _lines(root):
        if MACHINE_PATH.search(line):
            yield f"{path}:{number} names a path of one machine: {line.strip()[:80]}"


def _lines(root: Path) -> Iterator[tuple[Path, int, str]]:
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        hidden = any(part.startswith(".") and part != ".ci" for part in relative.parts)
        made = relative.parts[0] in BUILT_FOLDERS or "__pycache__" in relative.parts
        if hidden or made or not path.is_file():
            continue
        if path.suffix in TEXT_SUFFIXES or relative.parts[0] == ".ci":
            for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
                yield relative, number, line


Rule = Callable[[Path], Iterator[str]]
RULES: tuple[Rule, ...] = (
    core_is_free_of_gui,
    source_goes_by_its_package,
    torch_stays_in_networks,
    core_has_one_direction,
    render_is_free_of_qt,
    qt_meets_opengl_in_viewport,
    names_say_what_is_inside,
    core_is_documented,
    modules_are_short,
    nothing_is_unpickled,
    settings_are_plain,
    nothing_is_unfinished,
    no_machine_is_named,
)
