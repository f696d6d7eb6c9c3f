"""The pack's own GLSL plays it as its numbers say, and its pictures are the editor's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import moderngl
import numpy as np
import pytest

from rhytid.core.face.face import Face
from rhytid.core.pack.expressions import held_out_samples
from rhytid.core.pack.writing import PackReport
from rhytid.gui.render.offscreen import NoOpenGLError, standalone_context
from rhytid.gui.render.pack_check import checked, relief_of
from rhytid.gui.render.pack_player import PackPlayer


@pytest.fixture(scope="module")
def ctx() -> Iterator[moderngl.Context]:
    try:
        with standalone_context() as ctx:
            yield ctx
    except NoOpenGLError as error:
        pytest.skip(str(error))


def test_the_shader_plays_what_the_numbers_say(ctx: moderngl.Context, pack: PackReport) -> None:
    player = PackPlayer(ctx, pack.folder)
    expression = held_out_samples()[6].weights
    normals, colors = player.play(expression)
    slopes = player.files.slopes(expression)
    np.testing.assert_allclose(normals[..., :2] / normals[..., 2:], slopes, atol=2e-3)
    np.testing.assert_allclose(colors, player.files.color(expression), atol=2e-3)
    assert np.abs(slopes - player.files.slopes((0.0,) * 52)).max() > 0.2
    player.release()


def test_relief_comes_back_from_its_normals() -> None:
    y, x = np.mgrid[:128, :128] / np.float32(128)
    relief = (0.3 * np.sin(9 * x) * np.cos(7 * y)).astype(np.float32)
    turn = np.tile(np.array([-1 / 150, 0.0, -0.0002, 1 / 180], np.float32), (16, 16, 1))
    from rhytid.core.maps.normal_map import normal_rows

    normals = np.concatenate([rows for _, rows in normal_rows(relief, turn)])
    found = relief_of(normals, turn)
    inside = np.s_[8:-8, 8:-8]
    assert np.abs((found - found.mean()) - (relief - relief.mean()))[inside].max() < 0.01


@pytest.mark.usefixtures("few_rays")
def test_pictures_of_the_pack_are_those_of_the_editor(pack: PackReport, old_face: Face, tmp_path: Path) -> None:
    samples = [held_out_samples()[at] for at in (2, 14)]
    scores = checked(old_face, pack.folder, samples, (320, 320), tmp_path)
    print(*scores, sep="\n")
    assert len(list(tmp_path.glob("*.png"))) == 2
    assert min(one.ssim for one in scores) >= 0.95
    assert sum(1 - one.ssim for one in scores) < 0.75 * sum(1 - one.without for one in scores)
