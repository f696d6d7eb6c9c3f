"""Strokes, sources and heads for the tests of the document."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from rhytid.core.arkit import N_EXPRESSION, expression_array
from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.commands import (
    ApplyExpressionPreset,
    ImportSource,
    RandomComplexion,
    RandomIdentity,
    SetActionUnits,
)
from rhytid.core.document.state import Camera, DocumentState, HeadPose, HeadReference, Lighting
from rhytid.core.head.pins import HeadPin
from rhytid.core.lines.stroke import Binding, Onset, Profile, Stroke
from rhytid.core.maps.albedo_map import AlbedoMap
from rhytid.core.photo.camera import PhotoCamera, view_rotation
from rhytid.core.photo.fit import HeadFit, Pin
from rhytid.core.photo.layer import PhotoLayer
from rhytid.core.photo.light import PhotoLight
from rhytid.core.photo.light_map import MAP_SIDE
from rhytid.core.photo.locks import Locks
from rhytid.core.photo.registration import EDGES
from rhytid.core.read_only import read_only

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def stroke(stroke_id: str, seed: int = 0, **properties: object) -> Stroke:
    """A line across the chart, different for each seed."""
    rng = np.random.default_rng(seed)
    n_points = int(rng.integers(2, 9))
    points = np.column_stack([np.linspace(0.1, 0.9, n_points), rng.uniform(0.1, 0.9, n_points)])
    return Stroke(stroke_id, points, rng.uniform(0, 1, n_points), **properties)  # type: ignore[arg-type]


def rich_stroke(stroke_id: str, seed: int = 0) -> Stroke:
    """A stroke with no property at its default."""
    binding = Binding(Onset.EXPRESSION, (("mouthSmileLeft", 1 / 3), ("mouthSmileRight", 0.7)),
                      ((0.1, 1 / 3), (2 / 3, 0.9)))  # fmt: skip
    return stroke(
        stroke_id,
        seed,
        width=0.1 / 3,
        depth_mm=-0.123456789,
        profile=Profile.FOLD,
        binding=binding,
        birth_age=41.5,
        name='Krähenfüße "left" #3 \u2028',
        visible=False,
    )


def source(size: int = 64, n_lines: int = 3, seed: int = 0) -> SourceDetail:
    """An imported map with lines; values that plain decimal text would not keep."""
    rng = np.random.default_rng(seed)
    displacement = (rng.standard_normal((size, size)) / 3).astype(np.float32)
    displacement[0, :3] = [np.float32(1e-42), -0.0, np.nextafter(np.float32(1), np.float32(2))]
    displacement.setflags(write=False)
    return SourceDetail(
        displacement=displacement,
        expression=tuple(float(w) for w in expression_array({"browDownLeft": 0.9, "jawOpen": 0.1})),
        age=37.0,
        name="4_anger.png",
        lines=tuple(stroke(f"source-{i}", seed + i, from_source=True) for i in range(n_lines)),
        digest=hashlib.sha256(displacement.tobytes()).hexdigest(),
    )


def full_state() -> DocumentState:
    """A state with nothing at its default and numbers that need all their digits."""
    state = DocumentState(
        head=HeadReference("heads/Jürgen.npz", "ab" * 32, tuple(HeadPin(n, (1.5, -2.0, 110.25)) for n in range(3))),
        age=0.1 + 49.2,
        strokes=(rich_stroke("own-1", 5), stroke("own-2", 6)),
        lighting=Lighting("sunset", 1 / 3, -12.5, 0.0, 77.7, -3.0, 0.1),
        camera=Camera(1 / 3, -2.0, 512.5, (0.1, 0.2, 0.3), 30.0),
        head_pose=HeadPose(1 / 3, -12.5, 7.7),
    )
    state = replace(state, settings=replace(state.settings, strength=2 / 3, seed=12345, generate_wrinkles=False))
    for command in (
        RandomIdentity(3, 30),
        ApplyExpressionPreset("anger", 0.77),
        SetActionUnits({"AU12L": 1 / 3, "AU4": 0.9}),
        ImportSource(source(size=96, n_lines=4)),
        RandomComplexion(11),
    ):
        state = command.apply(state)
    # One line of the map was edited, one taken away.
    strokes = list(state.strokes)
    strokes[1] = replace(strokes[1], depth_mm=0.5)
    del strokes[2]
    return replace(state, strokes=tuple(strokes))


class FakeTension:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def per_vertex(self, rest: np.ndarray, current: np.ndarray) -> np.ndarray:
        self.calls += 1
        return np.linalg.norm(current - rest, axis=1).astype(np.float32)

    def chart_map(self, values: np.ndarray) -> np.ndarray:
        return np.full((256, 256), values.mean(), np.float32)


class FakeHead:
    """Three vertices that identity, expression and age move along different axes; counts how often it is posed."""

    n_identity = 4
    digest = "fake"
    ageing_names = ("jowls",)
    landmarks = np.zeros(68, np.int32)
    identity, expression, ageing = (np.zeros((n, 3, 3), np.float16) for n in (4, N_EXPRESSION, 1))

    def __init__(self) -> None:
        self.calls = 0

    def shape(self, identity: object, expression: object, ageing: object = ()) -> np.ndarray:
        self.calls += 1
        weights = np.asarray(expression, np.float32)
        assert weights.shape == (N_EXPRESSION,)
        vertices = np.zeros((3, 3), np.float32)
        vertices[:, 0] = float(np.sum(np.asarray(identity, np.float32)))
        vertices[:, 1] = weights.sum()
        vertices[:, 2] = float(np.sum(np.asarray(ageing, np.float32)))
        return vertices


def photo_layer(n_vertices: int = 12, seed: int = 0) -> PhotoLayer:
    """A photo's layer with nothing at its default."""
    rng = np.random.default_rng(seed)
    camera = PhotoCamera(
        view_rotation(11.3, -4.7, 2.1), np.array([3.3, -20.1, 911.7]), 2513.7, np.array([511.9, 640.2]), (1024, 1280)
    )
    fit = HeadFit(
        read_only(rng.normal(0, 0.8, 40).astype(np.float32)),
        read_only(rng.uniform(0, 1, N_EXPRESSION).astype(np.float32)),
        camera,
        read_only(rng.normal(0, 1.5, (n_vertices, 3)).astype(np.float32)),
        1.37,
    )
    light = PhotoLight(
        read_only(rng.normal(0, 0.4, (9, 3)).astype(np.float32)),
        read_only(rng.normal(0, 0.4, (MAP_SIDE, MAP_SIDE, 9, 3)).astype(np.float32)),
    )
    data = b"\xff\xd8\xff" + rng.bytes(500)
    pins = (Pin(7, (0.2, 0.3, 0.5), (101.5, 202.25)),)
    edges = read_only(rng.uniform(0, 1000, (len(EDGES), 2)).astype(np.float32))
    digest = hashlib.sha256(data).hexdigest()
    return PhotoLayer("Großmutter.jpg", data, digest, fit, light, pins, Locks(identity=True), edges=edges)


def albedo_map(size: int = 64, seed: int = 0, age: float = 41.0) -> AlbedoMap:
    """A colour of noise."""
    return AlbedoMap.of(np.random.default_rng(seed).integers(0, 256, (size, size, 3), np.uint8), age, (0.1, 0.2, 0.3))
