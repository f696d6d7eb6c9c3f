"""Khronos' glTF validator, Assimp, Blender and three.js in Chromium, where this machine has them."""

from __future__ import annotations

import base64
import http.server
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

_VALIDATE = """
const { readFileSync } = require('fs');
const [, place, ...files] = process.argv;
const validator = require(require.resolve('gltf-validator', { paths: [place] }));
Promise.all(files.map((file) => validator.validateBytes(new Uint8Array(readFileSync(file)), { maxIssues: 0 })))
  .then((reports) => console.log(JSON.stringify(reports.map((report) => report.issues))));
"""


@lru_cache(maxsize=1)
def _validator_folder() -> str | None:
    """Folder from which node finds the package gltf-validator."""
    if shutil.which("node") is None:
        return None
    places = [os.environ.get("RHYTID_GLTF_VALIDATOR", ""), os.getcwd()]
    return next((place for place in places if place and not _node(place).returncode), None)


def _node(place: str, *files: Path) -> subprocess.CompletedProcess[str]:
    command = ["node", "-e", _VALIDATE, place, *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def gltf_issues(path: Path) -> dict[str, Any]:
    """What Khronos' validator says of a file; skips the test where there is none."""
    place = _validator_folder()
    if place is None:
        pytest.skip("needs node and the npm package gltf-validator; RHYTID_GLTF_VALIDATOR names its folder")
    done = _node(place, path)
    assert done.returncode == 0, done.stderr
    (issues,) = json.loads(done.stdout)
    return issues


def assimp_info(path: Path) -> str:
    """What Assimp's command line says of a file that it could open; skips the test where there is none."""
    if shutil.which("assimp") is None:
        pytest.skip("needs Assimp's command line, Debian's assimp-utils")
    done = subprocess.run(["assimp", "info", str(path)], capture_output=True, timeout=300)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode == 0, said
    assert "ERROR" not in said
    return said


_BLENDER_PRELUDE = """
import json, sys
_given = json.loads(open(sys.argv[-1], encoding="utf-8").read())
ARGS = _given["args"]
def tell(value):
    with open(_given["answer"], "w", encoding="utf-8") as stream:
        json.dump(value, stream)
exec(compile(_given["script"], _given["name"], "exec"))
"""


@lru_cache(maxsize=1)
def _blender_command() -> tuple[str, ...]:
    """How a script is run with the module bpy, empty where there is none."""
    python = os.environ.get("RHYTID_BPY", "")
    if python and not subprocess.run([python, "-c", "import bpy"], capture_output=True, timeout=120).returncode:
        return (python,)
    if program := shutil.which("blender"):
        return (program, "--background", "--factory-startup", "--python-exit-code", "1", "--python")
    return ()


def blender(script: str | Path, *args: object, timeout_s: float = 300) -> Any:
    """What a script says that runs in Blender; skips the test where there is none.

    Parameters
    ----------
    script : str or path
        Python text, or its file. It finds `args` as texts in ``ARGS``, and gives its answer with ``tell(value)``,
        which is anything that JSON holds. Large arrays go through files that `args` name.
    """
    command = _blender_command()
    if not command:
        pytest.skip("needs Blender: RHYTID_BPY names a Python with the module bpy, or blender is on the PATH")
    name, text = (str(script), script.read_text("utf-8")) if isinstance(script, Path) else ("<script>", script)
    with tempfile.TemporaryDirectory() as folder:
        prelude, given, answer = (Path(folder) / part for part in ("run.py", "given.json", "answer.json"))
        prelude.write_text(_BLENDER_PRELUDE, "utf-8")
        content = {"script": text, "name": name, "args": [str(arg) for arg in args], "answer": str(answer)}
        given.write_text(json.dumps(content), "utf-8")
        between = () if len(command) == 1 else ("--",)
        words = [*command, str(prelude), *between, str(given)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=timeout_s, cwd=folder)
        said = f"{done.stdout[-4000:]}{done.stderr[-4000:]}"
        assert done.returncode == 0, said
        assert answer.is_file(), f"the script told nothing: {said}"
        return json.loads(answer.read_text("utf-8"))


_THREE_PAGE = Path(__file__).parent / "three_page.html"
_CHROMIUM = (
    "--headless=new", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-first-run",
    "--disable-gpu-sandbox", "--disable-extensions", "--disable-component-update", "--disable-background-networking",
)  # fmt: skip


def three(glb: Path, job: dict[str, Any], timeout_s: float = 240) -> dict[str, Any]:
    """What three.js makes of a GLB: GLTFLoader and WebGL in a headless Chromium; skips the test where they lack.

    Parameters
    ----------
    glb : path
    job : dict
        "size" (width, height), "camera" ("fov_deg", "position" and "target" in m), "pictures": a list of "weights"
        (by name of a morph target) and "material" ("normals" of the camera's space as colours, or "own", lit by a
        neutral sky and a lamp).

    Returns
    -------
    dict
        "names" of the morph targets, "meshes", "min" and "max" in m, "animations" (name and seconds), and "pictures",
        each uint8 (height, width, 3).
    """
    place, chromium = os.environ.get("RHYTID_GLTF_VALIDATOR", ""), shutil.which("chromium")
    library = Path(place) / "node_modules" / "three"
    if not place or not library.is_dir() or chromium is None:
        pytest.skip("needs chromium and the npm package three; RHYTID_GLTF_VALIDATOR names its folder")
    files = {"/": _THREE_PAGE.read_bytes(), "/model.glb": glb.read_bytes(), "/job.json": json.dumps(job).encode()}
    answers: queue.Queue[dict[str, Any]] = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            inside = (library / self.path.removeprefix("/three/")).resolve()
            known = self.path in files or (self.path.startswith("/three/") and library.resolve() in inside.parents)
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "text/javascript" if self.path.endswith(".js") else "text/html")
            self.end_headers()
            if known:
                self.wfile.write(files[self.path] if self.path in files else inside.read_bytes())

        def do_POST(self) -> None:
            answers.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None: ...

    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        browser = subprocess.Popen(
            [chromium, *_CHROMIUM, f"--user-data-dir={profile}", address],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            answer = answers.get(timeout=timeout_s)
        finally:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
            server.shutdown()
    assert "error" not in answer, answer["error"]
    for number, picture in enumerate(answer["pictures"]):
        png = np.frombuffer(base64.b64decode(picture.partition(",")[2]), np.uint8)
        answer["pictures"][number] = cv2.imdecode(png, cv2.IMREAD_COLOR)[..., ::-1]
    return answer
