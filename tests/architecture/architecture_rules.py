"""The rules of the house as functions from a source tree to the places that break them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from source_tree import CODE_FOLDERS, Module, called, modules, text_lines

PARTS = (*CODE_FOLDERS, "resources", "shaders")  # of the package `rhytid`
MAX_LINES = 400
MIN_PACKAGE_LINES = 5
QT = {"PySide6", "PySide2", "PyQt5", "PyQt6", "qtpy", "superqt", "pyqtgraph", "qtawesome", "shiboken6"}
GL = {"moderngl", "OpenGL", "glcontext"}
TORCH = {"torch", "torchvision", "torchaudio"}
TORCH_FOLDERS = ("core.networks", "core.training")
PICKLES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "joblib"}
VAGUE_NAMES = re.compile(r"(utils?|helpers?|managers?|misc|common|stuff)$")
# Files and folders of each top folder by floor: each may import what lies on a lower one.
FLOORS: dict[str, dict[str, int]] = {
    "core": {
        "ageing": 0,
        "animation": 0,
        "arkit": 0,
        "cancelled": 0,
        "files": 0,
        "given": 0,
        "read_only": 0,
        "resources": 0,
        "language": 1,
        "maps": 1,
        "blender_bridge": 2,
        "head": 3,
        "lines": 3,
        "detail": 4,
        "hair": 4,
        "synthesis": 5,
        "networks": 5,
        "learned": 5,
        "photo": 6,
        "document": 7,
        "io": 8,
        "scan": 8,
        "face": 9,
        "training": 10,
        "evaluation": 10,
        "pack": 10,
        "cli": 11,
    },
    "gui": {
        "theme": 0,
        "settings_file": 0,
        "picture_file": 0,
        "qt_start": 0,
        "render": 0,
        "preferences": 1,
        "widgets": 2,
        "controllers": 2,
        "panels": 3,
        "canvas": 3,
        "viewport": 3,
        "manual": 3,
        "dialogs": 4,
        "timeline": 4,
        "window": 5,
        "smoke": 6,
        "app": 7,
        "cli": 8,
    },
}
# Written apart so that this file does not break the rules it states.
MACHINE_PATH = re.compile(
    r"(?<![\w./~$}-])/(?:"
    + "|".join(("work", "home", "root", "Users", "tmp", "mnt", "opt"))
    + r")/\w|\b[A-Z]:\\"
    + r"Users\\"
)
UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")


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


def imports_go_down(root: Path) -> Iterator[str]:
    for module in modules(root):
        top, place = _place(module.name)
        # core/api is the face of the whole program.
        if top not in FLOORS or not place or module.inside("core.api"):
            continue
        floors = FLOORS[top]
        if place not in floors:
            yield f"{module.name} lies on no floor of {top}; give it one"
            continue
        for name, line in sorted(module.imports):
            other_top, other = _place(name)
            if other_top == top and other in floors and other != place and floors[other] >= floors[place]:
                yield f"{module.name}:{line} imports {name}; {top}.{other} does not lie below {top}.{place}"


def _place(name: str) -> tuple[str, str]:
    """Top folder and the file or folder in it: ("core", "maps") of core.maps.bands."""
    top, _, rest = name.partition(".")
    return top, rest.partition(".")[0]


def nothing_goes_in_circles(root: Path) -> Iterator[str]:
    """Of the files and folders that lie in one folder, none needs itself, be it for a type only.

    A folder needs what any file in it needs, so that a circle of files shows in the folder that holds them all.
    """
    by_name = {_own_name(module): module for module in modules(root) if not module.inside("tests")}
    folders: dict[str, dict[str, set[str]]] = {}
    for name, module in by_name.items():
        for target in {_module_of(imported, by_name) for imported, _ in module.written_imports} - {"", name}:
            folder, one, other = _part(name, target)
            folders.setdefault(folder, {}).setdefault(one, set()).add(other)
    for folder, needs in sorted(folders.items()):
        for circle in _circles(needs):
            yield f"{folder or 'the top folder'}: {' -> '.join([*circle, circle[0]])} is a circle"


def _own_name(module: Module) -> str:
    """The dotted name, `__init__` written out; core/api is the package `rhytid` itself."""
    name = f"{module.name}.__init__" if module.path.name == "__init__.py" else module.name
    return name.replace("core.api", "rhytid", 1) if module.inside("core.api") else name


def _module_of(name: str, by_name: dict[str, Module]) -> str:
    """The module that an imported name is or lies in, "" for one of another project."""
    inside = name.removeprefix("rhytid.")
    name = inside if inside.split(".")[0] in PARTS else name
    while name and name not in by_name:
        if f"{name}.__init__" in by_name:
            return f"{name}.__init__"
        name = name.rpartition(".")[0]
    return name


def _part(one: str, other: str) -> tuple[str, str, str]:
    """The folder that holds two modules, and the files or folders in it by which they go apart."""
    ones, others = one.split("."), other.split(".")
    depth = next(i for i, (a, b) in enumerate(zip(ones, others, strict=False)) if a != b)
    return ".".join(ones[:depth]), ones[depth], others[depth]


def _circles(needs: dict[str, set[str]]) -> Iterator[list[str]]:
    """One circle, the shortest, for each group of names that need each other."""
    seen: set[str] = set()
    for start in sorted(needs):
        ways = {start: [start]}
        waiting = [start]
        for name in waiting:
            for after in sorted(needs.get(name, ())):
                if after == start and start not in seen:
                    seen |= set(ways[name])
                    yield ways[name]
                elif after not in ways:
                    ways[after] = [*ways[name], after]
                    waiting.append(after)


def signals_keep_to_one_kind(root: Path) -> Iterator[str]:
    """Values that change and know no Qt signal by psygnal; where a thread, timer or widget is, signals are Qt's."""
    for module in modules(root):
        if module.inside("core", "gui") and module.imports_of({"psygnal"}):
            for name, line in module.imports_of(QT):
                yield f"{module.name}:{line} imports {name} beside psygnal; what knows Qt has Qt's signals"


def packages_say_what_they_are(root: Path) -> Iterator[str]:
    """Each package opens with a text, and its list (lines like "- `a`, `b`: what") names what the folder holds."""
    for module in modules(root):
        if module.path.name != "__init__.py" or not module.inside("core", "gui") or module.inside("core.api"):
            continue
        text = ast.get_docstring(module.tree) or ""
        n_lines = text.count("\n") + 1
        if n_lines < MIN_PACKAGE_LINES:
            yield f"{module.name} opens with {n_lines} lines; say what it is, its words and its threads"
            continue
        folder = module.path.parent
        found = {path.stem for path in folder.glob("*.py") if path != module.path}
        found |= {path.parent.name for path in folder.glob("*/__init__.py")}
        heads = re.findall(r"^- (`\w+`(?:, `\w+`)*)", text, re.MULTILINE)
        named = set(re.findall(r"\w+", " ".join(heads)))
        for name in sorted(found - named):
            yield f"{module.name} does not name {name}"
        for name in sorted(named - found):
            yield f"{module.name} names {name}, which is not there"


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
            if called(node) == "load" and isinstance(owner, ast.Name) and owner.id == "torch":
                yield f"{module.name}:{node.lineno} calls torch.load; weights are safetensors"
            for keyword in node.keywords:
                off = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                # A test may write an array of objects, to see that reading it is refused.
                written = module.inside("tests") and called(node) in ("save", "savez")
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
    for path, number, line in text_lines(root):
        if UNFINISHED.search(line):
            yield f"{path}:{number} is marked unfinished: {line.strip()[:80]}"
    for module in modules(root):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node):
                yield f"{module.name}:{node.lineno} raises NotImplementedError; finish it or leave it out"


def no_machine_is_named(root: Path) -> Iterator[str]:
    for path, number, line in text_lines(root):
        if MACHINE_PATH.search(line):
            yield f"{path}:{number} names a path of one machine: {line.strip()[:80]}"


Rule = Callable[[Path], Iterator[str]]
RULES: tuple[Rule, ...] = (
    core_is_free_of_gui,
    source_goes_by_its_package,
    torch_stays_in_networks,
    imports_go_down,
    nothing_goes_in_circles,
    signals_keep_to_one_kind,
    packages_say_what_they_are,
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
