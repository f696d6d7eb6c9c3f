"""The exported displaced mesh, read back from its file, gives the viewport's picture.

Both pictures come from the same renderer: one of the head with its detail map, as the viewport draws it, one of
nothing but the triangles, normals and texture in the files. Two things are the material's, not the mesh's, and are
given to both: how oily the skin is, and the curvature at the scale of scattering (millimetres), which the viewport
takes from the smooth surface. Two are the renderer's and missing in the mesh's picture: less sky in what lies below the
skin around, and red and green light that wander over fine relief. They cost about 0.03 of the score. The darkening of
wrinkles is in the exported texture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import moderngl
import numpy as np
import pytest
from scipy.spatial import cKDTree
from skimage.metrics import structural_similarity
from small_maps import allow_small_maps

from rhytid.core.arkit import N_EXPRESSION, expression_array
from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.state import Camera, DocumentState
from rhytid.core.face.detail_maker import DetailMaker
from rhytid.core.face.engine_choice import default_engines
from rhytid.core.face.resolve import ResolvedPose, resolve_pose
from rhytid.core.face.skin_color import skin_colors
from rhytid.core.head.head import Float32, Head, Part
from rhytid.core.head.load import default_head
from rhytid.core.head.normals import vertex_normals
from rhytid.core.io.export import export
from rhytid.core.io.export_options import ExportOptions, ExportReport
from rhytid.core.io.gltf_file import METRES_PER_MM, ReadPrimitive, read_glb
from rhytid.core.io.shown_face import ShownFace
from rhytid.core.maps.albedo import procedural_albedo
from rhytid.core.maps.albedo_map import AlbedoMap
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.gui.render import mesh_buffers, surface
from rhytid.gui.render.occlusion import OcclusionBake
from rhytid.gui.render.offscreen import NoOpenGLError, render_image, standalone_context
from rhytid.gui.render.surface import MeshTopology
from rhytid.gui.render.view_mode import ViewMode

SIZE = (640, 480)
SAMPLES = 4
CAMERA = Camera()
_PARTS = {
    "face": Part.SKIN, "head": Part.SKIN, "eye_left": Part.EYE_LEFT, "eye_right": Part.EYE_RIGHT,
    "teeth": Part.TEETH, "mouth": Part.MOUTH,
}  # fmt: skip


@pytest.fixture(scope="module")
def ctx() -> Iterator[moderngl.Context]:
    try:
        with standalone_context() as ctx:
            yield ctx
    except NoOpenGLError as error:
        pytest.skip(str(error))


def head_of_file(path: Path, eye_centers: Float32) -> tuple[Head, Float32]:
    """The triangles of a GLB as a head without identity and expression, and the file's normals."""
    order = list(_PARTS)
    primitives = sorted(read_glb(path)[0], key=lambda p: order.index(p.material))
    counts = [len(p.positions) for p in primitives]
    first = np.cumsum([0, *counts[:-1]])
    vertices = np.concatenate([p.positions for p in primitives]) / np.float32(METRES_PER_MM)
    triangles = np.concatenate([p.triangles + start for p, start in zip(primitives, first, strict=True)])
    faces = np.concatenate([triangles, np.full((len(triangles), 1), -1)], axis=1).astype(np.int32)
    parts = np.repeat([_PARTS[p.material] for p in primitives], [len(p.triangles) for p in primitives])
    n_skin = sum(len(p.positions) for p in primitives if _PARTS[p.material] == Part.SKIN)
    weight = np.concatenate([np.full(len(p.positions), float(p.material == "face")) for p in primitives])
    chart = _uv(primitives)[:n_skin]  # glTF's texture coordinates have their origin top left, as the chart
    chart[weight[:n_skin] == 0] += 10  # another tile
    head = Head(
        name=path.name,
        digest=path.name,
        neutral=vertices,
        faces=faces,
        parts=parts.astype(np.uint8),
        n_skin=n_skin,
        chart=chart,
        detail_weight=weight[:n_skin].astype(np.float32),
        uv=_uv(primitives),
        face_uv=faces,
        identity=np.zeros((0, len(vertices), 3), np.float16),
        expression=np.zeros((N_EXPRESSION, len(vertices), 3), np.float16),
        landmarks=np.zeros(68, np.int32),
        eye_centers=eye_centers,
    )
    normals = np.concatenate([p.normals for p in primitives if p.normals is not None])
    assert normals.shape == vertices.shape
    return head, normals


def _uv(primitives: list[ReadPrimitive]) -> Float32:
    return np.concatenate([p.uv for p in primitives if p.uv is not None])


def similarity(a: np.ndarray, b: np.ndarray, mask: np.ndarray) -> float:
    """Mean SSIM (Wang et al. 2004: Gaussian window, sigma 1.5) of the grey pictures inside the mask."""
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (a, b)]
    _, scores = structural_similarity(
        *grey, data_range=255, full=True, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    return float(scores[mask].mean())


@dataclass(frozen=True, eq=False)
class Shown:
    """A wrinkled face, its displaced mesh as it was exported, and pictures of what both tests compare with."""

    ctx: moderngl.Context
    state: DocumentState
    head: Head
    pose: ResolvedPose
    maps: DetailMaps
    mesh: Path
    on_face: np.ndarray
    smooth: np.ndarray
    nearest: np.ndarray

    def picture(self, of: Head, shape: Float32, displacement: Float32, **more: object) -> np.ndarray:
        return _picture(self.ctx, of, shape, displacement, **more)

    def export(self, folder: Path, state: DocumentState, what: set[str]) -> ExportReport:
        return _export(folder, state, self.head, self.pose, self.maps, what)


def _picture(ctx: moderngl.Context, of: Head, shape: Float32, displacement: Float32, **more: object) -> np.ndarray:
    more = {"camera": CAMERA, "size": SIZE, "samples": SAMPLES, "scale_bar": False, "ctx": ctx} | more
    return render_image(of, shape, displacement, **more)  # type: ignore[arg-type]


def _export(
    folder: Path, state: DocumentState, head: Head, pose: ResolvedPose, maps: DetailMaps, what: set[str]
) -> ExportReport:
    color_for = partial(skin_colors, state, cache=ArrayCache())
    options = ExportOptions(what=frozenset(what), mesh_format="glb", resolution=1024, target_edge_mm=0.6)
    return export(ShownFace(state, head, pose.vertices, pose.rest, lambda _: maps, color_for), folder, options)


@pytest.fixture(scope="module")
def shown(ctx: moderngl.Context, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    head = default_head()
    smile = {
        "mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "eyeSquintLeft": 0.6, "eyeSquintRight": 0.6, "browInnerUp": 0.5,
    }  # fmt: skip
    # The bound is one of relief: folds of the aged shape are rounder in the subdivided mesh than in the viewport's.
    state = DocumentState(expression=tuple(expression_array(smile).tolist()), age=62.0, shape_age=30.0)
    pose = resolve_pose(state, head)
    maps = DetailMaker(default_engines()).maps(state, head, 1024, pose)
    with pytest.MonkeyPatch.context() as patch:
        allow_small_maps(patch)  # without a look at what hides what, which is not compared
        # Both pictures have rough occlusion: the mesh is large.
        patch.setattr(OcclusionBake.__init__, "__defaults__", (4,))
        report = _export(tmp_path_factory.mktemp("mesh"), state, head, pose, maps, {"displaced_mesh"})
        flat = np.zeros_like(maps.displacement)
        tinted = [
            _picture(ctx, head, pose.vertices, flat + height, view_mode=ViewMode.DISPLACEMENT, samples=1)
            for height in (np.float32(0.0), np.float32(0.3))
        ]
        on_face = np.abs(tinted[1].astype(int) - tinted[0]).sum(axis=2) > 60
        on_face = cv2.erode(on_face.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        smooth = _picture(ctx, head, pose.vertices, flat)
        path = report.path("displaced_mesh")
        _, nearest = cKDTree(pose.vertices).query(head_of_file(path, head.eye_centers)[0].neutral)
        yield Shown(ctx, state, head, pose, maps, path, on_face, smooth, nearest)


@pytest.mark.parametrize("darkening", [None, (1.5, 3.0, 3.5)], ids=["generated", "photographed"])
def test_the_exported_mesh_gives_the_viewport_s_picture(
    shown: Shown,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    darkening: tuple[float, float, float] | None,
) -> None:
    state, head, vertices, on_face = shown.state, shown.head, shown.pose.vertices, shown.on_face
    assert on_face.mean() > 0.1
    if darkening is not None:
        state = replace(state, albedo=AlbedoMap.of(procedural_albedo(512), 62.0, darkening=darkening))
    report = shown.export(tmp_path, state, {"albedo"})
    displacement = shown.maps.displacement
    viewport = shown.picture(head, vertices, displacement, albedo=skin_colors(state, 1024, ArrayCache()))

    topology = MeshTopology(head)
    curvature = topology.curvature(vertices, vertex_normals(vertices, topology.triangles))
    read, normals = head_of_file(shown.mesh, head.eye_centers)
    monkeypatch.setattr(mesh_buffers.VertexNormals, "of", lambda _self, _vertices: normals.copy())
    monkeypatch.setattr(MeshTopology, "curvature", lambda *_: curvature[shown.nearest])
    # Edges serve the wireframe and the curvature only; a million faces have many.
    monkeypatch.setattr(surface, "_polygon_edges", lambda _: np.zeros((1, 2), np.int32))
    albedo = cv2.imread(str(report.path("albedo")))[..., ::-1]
    flat = np.zeros_like(displacement)
    exported = shown.picture(read, read.neutral, flat, albedo=np.ascontiguousarray(albedo))

    score, without = similarity(viewport, exported, on_face), similarity(viewport, shown.smooth, on_face)
    print(f"SSIM on the face: exported {score:.4f}, without any detail {without:.4f}")
    cv2.imwrite(str(tmp_path / "viewport.png"), viewport[..., ::-1])
    cv2.imwrite(str(tmp_path / "exported.png"), exported[..., ::-1])
    assert without < 0.95, "the picture shows too little detail to compare anything"
    assert score >= 0.96
    assert 1 - score <= 0.36 * (1 - without)
