"""Normal maps hold the true slopes of the displaced skin in the frame of the exported texture coordinates."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.head.head import Head
from rhytid.core.io.chart_frame import chart_frame, coverage, pad_within, weighted
from rhytid.core.io.displaced_mesh import displaced_normals
from rhytid.core.maps.normal_map import normal_map, normal_rows
from rhytid.core.maps.tangent_frame import chart_turn


def constant_turn(tangent: tuple[float, ...], bitangent: tuple[float, ...]) -> np.ndarray:
    """Of a plane whose chart has these derivatives, in the frame of MikkTSpace there."""
    t, b = (np.broadcast_to(np.array(v, np.float32), (8, 8, 3)) for v in (tangent, bitangent))
    frame = np.broadcast_to(np.array((*np.array(tangent) / np.linalg.norm(tangent), 1), np.float32), (8, 8, 4))
    return chart_turn(t, b, np.broadcast_to(np.array((0, 0, 1), np.float32), (8, 8, 3)), frame)


def ramp(dx: float, dy: float, side: int = 64) -> np.ndarray:
    position = (np.arange(side, dtype=np.float32) + 0.5) / side
    return (dx * position[None, :] + dy * position[:, None]).astype(np.float32)


def one_normal(dx: float, dy: float, turn: np.ndarray, green: str = "opengl") -> np.ndarray:
    ((_, normal),) = normal_rows(ramp(dx, dy), turn, green)
    assert np.abs(normal - normal[20, 20]).max() < 1e-4
    return normal[20, 20]


def test_slopes_are_metric() -> None:
    turn = constant_turn((200, 0, 0), (0, -100, 0))
    # 200 mm per chart unit: a rise of 20 mm per unit is a slope of 0.1, and the normal leans against it.
    np.testing.assert_allclose(one_normal(20, 0, turn), np.array([-0.1, 0, 1]) / np.sqrt(1.01), atol=1e-5)
    # Rising down the face: the normal leans up, which is green in OpenGL's convention.
    np.testing.assert_allclose(one_normal(0, 20, turn), np.array([0, 0.2, 1]) / np.sqrt(1.04), atol=1e-5)
    np.testing.assert_allclose(one_normal(0, 20, turn, "directx"), np.array([0, -0.2, 1]) / np.sqrt(1.04), atol=1e-5)


@pytest.mark.parametrize("slope", [(12.0, 5.0), (-7.0, 20.0)])
def test_a_sheared_chart_gives_the_normal_of_the_surface(slope: tuple[float, float]) -> None:
    tangent, bitangent = np.array((180.0, 20.0, 0.0)), np.array((60.0, -150.0, 0.0))
    found = one_normal(*slope, constant_turn(tuple(tangent), tuple(bitangent)))
    up = np.array((0.0, 0.0, 1.0))
    surface = np.cross(bitangent + slope[1] * up, tangent + slope[0] * up)
    surface /= np.linalg.norm(surface)
    t = tangent / np.linalg.norm(tangent)
    frame = np.stack([t, np.cross(up, t), up])  # MikkTSpace: the bitangent is N x T
    np.testing.assert_allclose(found, frame @ surface, atol=1e-5)


def test_normals_of_the_displaced_mesh_agree_with_those_of_the_map() -> None:
    t, b = np.array([[180.0, 20.0, 0.0]], np.float32), np.array([[60.0, -150.0, 0.0]], np.float32)
    up = np.array([[0.0, 0.0, 1.0]], np.float32)
    slope = np.array([[12.0, 5.0]], np.float32)
    surface = np.cross(b + slope[:, 1:] * up, t + slope[:, :1] * up)
    surface /= np.linalg.norm(surface)
    np.testing.assert_allclose(displaced_normals(up, t, b, slope), surface, atol=1e-6)


@pytest.mark.parametrize(("bits", "flat"), [(8, (128, 128, 255)), (16, (32768, 32768, 65535))])
def test_flat_skin_has_the_value_that_programs_take_for_flat(bits: int, flat: tuple[int, ...]) -> None:
    texels = normal_map(np.zeros((64, 64), np.float32), constant_turn((200, 0, 0), (0, -200, 0)), "opengl", bits)
    assert (texels == flat).all()


def test_wrong_options_are_refused() -> None:
    turn = constant_turn((200, 0, 0), (0, -200, 0))
    with pytest.raises(ValueError, match="green"):
        normal_map(ramp(1, 1), turn, "vulkan")
    with pytest.raises(ValueError, match="bits"):
        normal_map(ramp(1, 1), turn, "opengl", 10)


def test_strips_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    displacement = np.random.default_rng(1).standard_normal((128, 128)).astype(np.float32)
    turn = constant_turn((180, 20, 0), (60, -150, 0))
    whole = normal_map(displacement, turn)
    monkeypatch.setattr("rhytid.core.maps.normal_map._ROWS_TEXELS", 128 * 5)
    np.testing.assert_array_equal(normal_map(displacement, turn), whole)


def test_frame_of_a_head_is_that_of_its_chart(head: Head) -> None:
    frame = chart_frame(head, head.neutral, 64)
    middle = frame.metric[32, 32]
    np.testing.assert_allclose(np.sqrt(middle[[0, 2]]), 120, rtol=0.02)  # the dome's top is flat there
    assert abs(middle[1]) < 100
    assert frame.weight[32, 32] == 1
    assert frame.weight[0].max() == 0
    np.testing.assert_array_equal(weighted(np.ones((256, 256), np.float32), frame)[128, 64:192], 1)
    assert coverage(head, 256).all()


@pytest.mark.parametrize("tile", [1024, 16])
def test_padding_carries_the_edge_and_no_farther(tile: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rhytid.core.io.chart_frame._TILE", tile)
    valid = np.zeros((64, 64), bool)
    valid[20:40, 20:40] = True
    values = np.full((64, 64), 7.0, np.float32)
    values[valid] = np.arange(400, dtype=np.float32) + 100
    before = values.copy()
    pad_within(values, valid, 5, -1.0)
    np.testing.assert_array_equal(values[valid], before[valid])
    np.testing.assert_array_equal(values[30, 40:45], before[30, 39])
    assert (values[30, 46:] == -1).all()
    assert values[15, 15] == -1  # the corner is farther away than 5 texels
