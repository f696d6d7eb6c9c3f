"""Meshes are read in mm with Y up, whatever unit and axis their files are in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rhytid.core.head.head import Head
from rhytid.core.io.export_meshes import base_mesh
from rhytid.core.io.mesh_file import load_mesh
from rhytid.core.io.obj_file import write_obj
from rhytid.core.io.placing import Placing
from rhytid.core.io.ply_file import write_ply


@pytest.mark.parametrize("placing", [Placing("m"), Placing("cm", "z"), Placing()])
def test_a_mesh_comes_back_in_mm_whatever_its_file_is_in(tmp_path: Path, head: Head, placing: Placing) -> None:
    mesh = base_mesh(head, head.neutral)
    assert mesh.normals is not None
    write_obj(tmp_path / "a.obj", mesh, placing=placing)
    write_ply(tmp_path / "a.ply", mesh, "a comment", placing)
    _, vertex, _ = mesh.split_at_seams()
    for path, meant in ((tmp_path / "a.obj", np.arange(len(mesh.vertices))), (tmp_path / "a.ply", vertex)):
        for read in (load_mesh(path), load_mesh(path, placing)):
            np.testing.assert_allclose(read.vertices, mesh.vertices[meant], atol=2e-5)
            if path.suffix == ".obj":  # those of a PLY are made anew
                assert read.normals is not None
                np.testing.assert_allclose(read.normals, mesh.normals[meant], atol=1e-4)
    text = (tmp_path / "a.obj").read_text().replace("units: ", "")
    (tmp_path / "silent.obj").write_text(text)
    np.testing.assert_allclose(load_mesh(tmp_path / "silent.obj", placing).vertices, mesh.vertices, atol=2e-5)
