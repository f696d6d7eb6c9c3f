"""What an export makes piece by piece takes a small multiple of its result; the whole is in tests/bench."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import fields

import numpy as np

from rhytid.core.detail.request import DetailMaps
from rhytid.core.head.head import Head
from rhytid.core.io.displaced_mesh import displaced_mesh
from rhytid.core.lines.distance import distance_field
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.albedo import procedural_albedo
from rhytid.core.maps.complexion import Complexion
from rhytid.core.maps.complexion_map import complexion_map
from rhytid.core.maps.skin_layers import SkinLayers

SIDE = 2048


def peak_bytes(make: Callable[[], object]) -> int:
    """Most that numpy and Python held at a time while `make` ran."""
    tracemalloc.start()
    try:
        make()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_skin_colour_is_made_in_bands() -> None:
    assert peak_bytes(lambda: procedural_albedo(SIDE, 1, 60.0)) < 6 * SIDE**2 * 3


def test_the_colour_of_a_complexion_is_made_in_bands() -> None:
    layers = SkinLayers.of(1, SIDE)
    assert peak_bytes(lambda: complexion_map(Complexion(), 60.0, layers)) < 2.5 * SIDE**2 * 3 + 768**2 * 4 * 8


def test_a_distance_field_is_made_in_bands() -> None:
    along = np.linspace(0.1, 0.9, 30, dtype=np.float32)
    stroke = Stroke("diagonal", np.stack([along, along], axis=1), np.ones_like(along))
    assert peak_bytes(lambda: distance_field([stroke], SIDE)) < 2 * SIDE**2 * 4


def test_a_mesh_is_displaced_in_pieces(head: Head, make_maps: Callable[[int], DetailMaps]) -> None:
    displacement = make_maps(256).displacement
    mesh = displaced_mesh(head, head.neutral, displacement, 5).mesh
    arrays = [getattr(mesh, field.name) for field in fields(mesh)]
    n_bytes = sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))
    assert peak_bytes(lambda: displaced_mesh(head, head.neutral, displacement, 5)) < 5.5 * n_bytes
