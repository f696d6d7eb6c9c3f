"""The formats that are fuzzed: small valid files of each, made here, and the program's own reader of it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent / "samples"), str(HERE.parent / "head")]
__import__("main")  # names the source `rhytid`, before anything asks for it

from document_samples import PNG as THUMBNAIL  # noqa: E402
from document_samples import full_state, stroke  # noqa: E402
from mesh_formats import (  # noqa: E402
    arrays_of,
    bfms,
    glbs,
    gltfs,
    mtls,
    objs,
    plys,
    read_scan_glb,
    scan_glbs,
    usds,
    written,
)
from pickles import write_pickles  # noqa: E402
from small_head import small_head  # noqa: E402

from rhytid.core.animation.clip import Clip  # noqa: E402
from rhytid.core.animation.edit import with_keys  # noqa: E402
from rhytid.core.animation.track import Key, Tangent  # noqa: E402
from rhytid.core.document.action_units import load_action_units  # noqa: E402
from rhytid.core.document.project import load_project_with_thumbnail, save_project  # noqa: E402
from rhytid.core.document.recovery import recoverable  # noqa: E402
from rhytid.core.document.state import DocumentState  # noqa: E402
from rhytid.core.document.wrinkle_library import read_wrinkles  # noqa: E402
from rhytid.core.document.wrinkle_set import WrinkleSet, wrinkle_set_to_json  # noqa: E402
from rhytid.core.files.glb import Glb  # noqa: E402
from rhytid.core.files.mtl import read_materials  # noqa: E402
from rhytid.core.files.obj import ObjLimits, read_obj_mesh  # noqa: E402
from rhytid.core.files.pickled_arrays import read_pickled_arrays  # noqa: E402
from rhytid.core.head import bfm, usd  # noqa: E402
from rhytid.core.head.load import load_head  # noqa: E402
from rhytid.core.head.store import save_head  # noqa: E402
from rhytid.core.io.clip_file import clip_to_json, read_clip  # noqa: E402
from rhytid.core.io.displacement_file import read_displacement  # noqa: E402
from rhytid.core.io.line_file import read_line_picture  # noqa: E402
from rhytid.core.io.motion_file import read_motion  # noqa: E402
from rhytid.core.learned.weights import open_model  # noqa: E402
from rhytid.core.pack.drivers import Drivers  # noqa: E402
from rhytid.core.pack.options import PackOptions  # noqa: E402
from rhytid.core.pack.residual import Residual  # noqa: E402
from rhytid.core.pack.table import read_table, table_json  # noqa: E402
from rhytid.core.photo.image import read_photo  # noqa: E402
from rhytid.core.resources import resource  # noqa: E402
from rhytid.core.scan.ply import read_ply  # noqa: E402
from rhytid.gui.settings_file import SettingsFile  # noqa: E402

SIDE = 64
BROKEN_CPU_S = 0.8


@dataclass(frozen=True)
class Format:
    """One kind of file.

    Attributes
    ----------
    file : str
        What the file is called.
    seeds : callable
        Valid files of it.
    read : callable
        The reader; gets the path.
    prepare : callable
        Writes what must lie beside the file; gets the path.
    package : str
        A library that has to be installed.
    share : float
        Of the inputs that are tried: a reader that starts a process of its own for each of them takes its time.
    """

    file: str
    seeds: Callable[[], list[bytes]]
    read: Callable[[Path], object]
    prepare: Callable[[Path], None] = lambda _path: None
    package: str = ""
    share: float = 1.0


def _map_mm() -> np.ndarray:
    rng = np.random.default_rng(1)
    return cv2.GaussianBlur(rng.normal(0, 1, (SIDE, SIDE)), (0, 0), 2).astype(np.float32)


def _levels() -> np.ndarray:
    return np.clip(_map_mm() * 20_000 + 32_768, 0, 65_535).astype(np.uint16)


def _projects() -> list[bytes]:
    plain = DocumentState(strokes=(stroke("a"), stroke("b", 1)))
    return [
        written("a.rhytid", lambda path: save_project(path, plain)),
        written("a.rhytid", lambda path: save_project(path, full_state(), THUMBNAIL)),
        written("a.rhytid", lambda path: save_project(path, full_state(), compress=False)),
    ]


def _wrinkle_tables() -> list[bytes]:
    drivers = Drivers(np.eye(26, 52).reshape(2, 13, 52), np.full((2, 13), 0.8))
    residual = Residual(np.zeros((8, 8), np.float32), (), (), 1.0, 2.0, 3.0, 0.5)
    return [table_json(drivers, PackOptions("metahuman", 2, 256), {}, residual).encode()]


def _clips() -> list[bytes]:
    keys = [("jawOpen", Key(0.5, 0.25)), ("jawOpen", Key(1.5, 1.0, Tangent.STEP)), ("AU12", Key(0.0, 0.5))]
    return [clip_to_json(with_keys(Clip(), keys)).encode()]


def _csv_takes() -> list[bytes]:
    live_link = "Timecode,BlendShapeCount,JawOpen,HeadYaw,HeadPitch,HeadRoll,LeftEyeYaw,RightEyeYaw,LeftEyePitch,"
    live_link += "RightEyePitch\n00:00:01:58.250,10,0.5,0.1,0,0,0.2,0.2,-0.1,-0.1\n00:00:02:00.2,10,0.4,0,0,0,0,0,0,0\n"
    metahuman = "time;CTRL_expressions_jawOpen;CTRL_L_eye.tx;CTRL_C_tongue_press\n0,0;0,5;-1;0\n0,1;0,7;1;0\n"
    return [live_link.encode(), metahuman.encode(), "frame\tjawOpen\n7\t30\n9\t100\n".encode("utf-16")]


def _json_takes() -> list[bytes]:
    head = {"yaw": 10.0, "pitch": -2.0, "roll": 0.5}
    takes = (
        {"fps": 60, "frames": [{"time": t, "blendShapes": {"jawOpen": 0.5 * t}, "head": head} for t in (0, 0.5)]},
        {"names": ["jawOpen", "browInnerUp_L"], "frames": [{"weights": [0.5, 1.0], "timecode": "00:00:01:02.5"}]},
        {"exportFps": 30, "facsNames": ["jawOpen"], "weightMat": [[0.1], [0.2]]},
        [{"blendshapes": [{"categoryName": "jawOpen", "score": 0.5}]}, {"blendshapes": []}],
        {"time": [0, 1], "jawOpen": [0.1, 0.2]},
    )
    return [json.dumps(take).encode() for take in takes]


def _encoded(suffix: str, *pictures: np.ndarray) -> list[bytes]:
    return [bytes(cv2.imencode(suffix, picture)[1]) for picture in pictures]


def _pngs() -> list[bytes]:
    levels = _levels()
    return _encoded(".png", levels, np.dstack([levels] * 3), (levels >> 8).astype(np.uint8))


def _tiffs() -> list[bytes]:
    import tifffile

    values = _map_mm()
    kinds: list[tuple[np.ndarray, dict[str, object]]] = [
        (values, {}),
        (_levels(), {"compression": "zlib", "predictor": True}),
        (values, {"compression": "lzw", "tile": (16, 16)}),
        (np.dstack([values] * 3), {"photometric": "rgb", "rowsperstrip": 7}),
        (values, {"bigtiff": True, "byteorder": ">"}),
    ]
    return [written("a.tif", lambda path, k=kind: tifffile.imwrite(path, k[0], **k[1])) for kind in kinds]


def _exrs() -> list[bytes]:
    import OpenEXR

    values = _map_mm()

    def write(path: Path, channels: dict[str, np.ndarray], compression: object) -> None:
        header = {"compression": compression, "type": OpenEXR.scanlineimage}
        OpenEXR.File(header, channels).write(str(path))

    return [
        written("a.exr", lambda path: write(path, {"Y": values}, OpenEXR.ZIP_COMPRESSION)),
        written("a.exr", lambda path: write(path, {"RGB": np.dstack([values] * 3)}, OpenEXR.PIZ_COMPRESSION)),
        written("a.exr", lambda path: write(path, {"height": values.astype(np.float16)}, OpenEXR.NO_COMPRESSION)),
    ]


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def _npys() -> list[bytes]:
    values = _map_mm()
    return [_npy(values), _npy(values.astype(np.float64)), _npy(np.asfortranarray(values)), _npy(_levels())]


def _sidecars() -> list[bytes]:
    from rhytid.core.io.displacement_writing import write_displacement

    with tempfile.TemporaryDirectory() as folder:
        write_displacement(Path(folder) / "map.png", _map_mm())
        (sidecar,) = Path(folder).glob("*.json")
        return [sidecar.read_bytes()]


def _beside_a_map(path: Path) -> None:
    if not path.with_suffix(".png").exists():
        path.with_suffix(".png").write_bytes(_pngs()[0])


def _lines() -> list[bytes]:
    lines = np.zeros((SIDE, SIDE), np.uint8)
    cv2.line(lines, (5, 9), (50, 40), 255)
    return _encoded(".png", lines, cv2.cvtColor(lines, cv2.COLOR_GRAY2BGR), lines.astype(np.uint16) * 257)


def _photos() -> list[bytes]:
    """Turned, with a focal length and a profile; of sixteen bits, CMYK, transparent, compressed in several ways."""
    from PIL import Image, ImageCms

    picture = Image.fromarray(np.dstack([_levels() >> 8] * 3).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0xA405] = 50
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kinds: list[tuple[Image.Image, str, dict[str, object]]] = [
        (picture, "JPEG", {"exif": exif, "icc_profile": profile}),
        (picture, "JPEG", {"progressive": True}),
        (picture.convert("CMYK"), "JPEG", {}),
        (picture.convert("CMYK"), "TIFF", {"compression": "tiff_lzw"}),
        (picture.convert("LA"), "PNG", {"exif": exif, "icc_profile": profile}),
        (picture, "TIFF", {"compression": "jpeg"}),
        (picture, "WEBP", {"exif": exif}),
        (picture.quantize(16), "BMP", {}),
    ]
    return [_pngs()[0], *(written("a", lambda path, k=kind: k[0].save(path, k[1], **k[2])) for kind in kinds)]


def _heads(suffix: str) -> Callable[[], list[bytes]]:
    return lambda: [written(f"head{suffix}", lambda path: save_head(small_head(), path))]


def _flame_arrays() -> dict[str, np.ndarray]:
    """Arrays in the form of FLAME's, of four vertices."""
    return {
        "v_template": np.eye(4, 3), "f": np.array([[0, 1, 2]]), "shapedirs": np.zeros((4, 3, 4)),
        "posedirs": np.zeros((4, 3, 36)), "J_regressor": np.eye(5, 4), "weights": np.zeros((4, 5)),
    }  # fmt: skip


def _pickles() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        files = write_pickles(Path(folder), _flame_arrays(), (0, 2, 4), ("J_regressor",), ("v_template",))
        return [file.read_bytes() for file in files.values()]


def _read_pickle(path: Path) -> object:
    return read_pickled_arrays(path, 1 << 20, tuple(_flame_arrays()))


def _wrinkles() -> list[bytes]:
    return [wrinkle_set_to_json(WrinkleSet(tuple(stroke(f"s{i}", i) for i in range(n)), "A", ("b",))) for n in (1, 3)]


def _settings() -> list[bytes]:
    kept = {"view/navigation": "blender", "files/recent": ["a.rhytid"], "tablet/pressure_exponent": 1.5, "a": True}
    return [json.dumps(kept).encode(), json.dumps(kept, indent=1).encode()]


def _read_settings(path: Path) -> object:
    os.environ["RHYTID_STATE_DIR"] = str(path.parent)
    store = SettingsFile(path)
    return [store.value(key) for key in store.names("")]


def _model() -> dict[str, object]:
    parts = {"format": "rhytid-weights", "version": 1, "model": "semm", "config": {}, "training": {}, "scores": {}}
    return {**parts, "files": {"semm.safetensors": "0" * 64}}


def _models() -> list[bytes]:
    return [json.dumps(_model()).encode()]


def _tensors() -> list[bytes]:
    from safetensors.numpy import save

    return [save({"a": np.ones((3, 4), np.float32), "b": np.zeros(5, np.float16), "c": np.arange(3)})]


def _read_tensors(path: Path) -> object:
    """With the digest of what is there: who makes one file of a model makes the other as well."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_suffix(".json").write_text(json.dumps({**_model(), "files": {path.name: digest}}))
    return open_model("semm", path.parent).tensors()


def _notes() -> list[bytes]:
    return [b'{"original": "/a/b%20.rhytid", "digest": "12"}']


def _note(path: Path) -> None:
    session = path.parent
    (session / "lock").touch()
    if not (session / "project.rhytid").exists():
        save_project(session / "project.rhytid", DocumentState())


def _read_note(path: Path) -> object:
    (found,) = recoverable(path.parent.parent)
    return found.compared()


def _broken(path: Path) -> object:
    """A reader with every fault that the harness must find."""
    fault = path.read_text()
    if fault == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if fault == "end":
        os._exit(3)
    if fault == "exception":
        raise KeyError("no line for a person")
    if fault == "nameless":
        raise ValueError("a line that names no file")
    if fault == "lines":
        raise ValueError(f"{path}:\ntwo lines")
    if fault == "flood":
        return np.ones(60_000_000).sum()  # half a gigabyte
    if fault == "slow":
        while time.process_time() < BROKEN_CPU_S:
            pass
    if fault == "hang":
        signal.pause()
    return fault


FORMATS: dict[str, Format] = {
    "project": Format("a.rhytid", _projects, load_project_with_thumbnail),
    "map png": Format("map.png", _pngs, read_displacement),
    "map tiff": Format("map.tif", _tiffs, read_displacement),
    "map exr": Format("map.exr", _exrs, read_displacement),
    "map npy": Format("map.npy", _npys, read_displacement),
    "sidecar": Format("map.json", _sidecars, lambda path: read_displacement(path.with_suffix(".png")), _beside_a_map),
    "line picture": Format("lines.png", _lines, read_line_picture),
    "clip": Format("clip.json", _clips, read_clip),
    "wrinkle table": Format("wrinkles.json", _wrinkle_tables, read_table),
    "recording csv": Format("take.csv", _csv_takes, read_motion),
    "recording json": Format("take.json", _json_takes, read_motion),
    "photo": Format("photo.jpg", _photos, read_photo),
    "head npz": Format("head.npz", _heads(".npz"), load_head),
    "head safetensors": Format("head.safetensors", _heads(".safetensors"), load_head),
    "mesh obj": Format("mesh.obj", objs, lambda path: read_obj_mesh(path, ObjLimits(1 << 20, 9000, 9000, 9000))),
    "pickle": Format("model.pkl", _pickles, _read_pickle),
    "glb": Format("mesh.glb", glbs, lambda path: Glb(path, 1 << 20).values(0)),
    "gltf": Format("mesh.gltf", gltfs, lambda path: Glb(path, 1 << 20).values(0)),
    "scan ply": Format("scan.ply", plys, lambda path: read_ply(path, 1 << 20, 9000, 9000)),
    "scan glb": Format("scan.glb", scan_glbs, read_scan_glb),
    "scan materials": Format("scan.mtl", mtls, lambda path: read_materials(path, [path.name], [].append)),
    "head h5": Format(
        "head.h5", bfms, arrays_of("read_h5.py", "h5py", bfm.TABLE), package="h5py", share=0.015
    ),
    "head usd": Format("head.usd", usds, arrays_of("read_usd.py", "pxr", usd.TABLE), package="pxr", share=0.01),
    "settings": Format("preferences.json", _settings, _read_settings),
    "presets": Format(
        "units.json", lambda: [resource("presets", "action_units.json").read_bytes()], load_action_units
    ),
    "model": Format("semm.json", _models, lambda path: open_model("semm", path.parent)),
    "weights": Format("semm.safetensors", _tensors, _read_tensors),
    "wrinkles": Format("a.rhytid-wrinkles", _wrinkles, read_wrinkles),
    "recovery note": Format("session.json", _notes, _read_note, _note),
}
FAULTS = ("valid", "crash", "end", "exception", "nameless", "lines", "flood", "slow", "hang")
BROKEN = Format("broken.bin", lambda: [fault.encode() for fault in FAULTS], _broken)


def zipped(members: dict[str, bytes]) -> bytes:
    """A ZIP of stored members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()
