"""A head whose file has a picture on the skin shows it as it is opened; taken away and brought back."""

from __future__ import annotations

import numpy as np
import pytest
from small_colors import painted, ramp

from rhytid.core.head.store import save_head
from tests.head.small_head import two_tiles


@pytest.fixture
def textured(tmp_path):
    path = tmp_path / "anna.npz"
    save_head(painted(two_tiles()), path)
    return path


def test_the_colour_of_the_file_comes_goes_and_comes_back(driver, errors, textured):
    document, actions = driver.document, driver.window.actions_by_name
    assert not actions["head_color"].isEnabled()
    before, step = document.state, document.position
    driver.window.files.use_head(textured)
    driver.wait(lambda: not driver.session.jobs.busy)
    albedo = document.state.albedo
    assert albedo is not None
    assert document.position == step + 1, "head and colour are one step"
    assert np.abs(albedo.srgb.astype(float) - ramp(len(albedo.srgb))).max() < 8
    document.undo()
    assert document.state == before
    document.redo()
    actions["remove_color"].trigger()
    assert document.state.albedo is None
    driver.window.files.use_head(textured)
    driver.wait(lambda: not driver.session.jobs.busy)
    assert document.state.albedo is None, "what was taken away stays away when the same head is opened again"
    driver.wait(lambda: driver.window.viewport.pose is not None and driver.window.viewport.pose.head.name == "small")
    actions["head_color"].trigger()
    driver.wait(lambda: document.state.albedo is not None)
    assert document.state.albedo.digest == albedo.digest
    driver.window.files.use_head(None)
    assert document.state.albedo is None
    assert errors == []
