"""The Basel Face Model: a file in its form, made of the default head, comes back in its place; lies are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rhytid.core.head.bfm import read_bfm
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.load import default_head, load_head

h5py = pytest.importorskip("h5py")
N_MODES = 4


def write_model(path: Path, is_face: bool = False, **changes: Any) -> Path:
    """The skin of the default head, or its face alone, with four modes of known variance."""
    head = default_head()
    triangles = head.skin_triangles
    if is_face:
        triangles = triangles[(head.detail_weight[triangles] > 0).all(axis=1)]
    used, cells = np.unique(triangles, return_inverse=True)
    modes = head.identity[:N_MODES].astype(np.float32)[:, used].reshape(N_MODES, -1)
    variance = np.linalg.norm(modes, axis=1) ** 2
    arrays = {
        "shape/model/mean": head.neutral[used].ravel(),
        "shape/model/pcaBasis": (modes / np.sqrt(variance)[:, None]).T,
        "shape/model/pcaVariance": variance,
        "shape/representer/points": head.neutral[used].T,
        "shape/representer/cells": cells.reshape(-1, 3).T.astype(np.int32),
        "expression/model/mean": np.zeros(3 * len(used), np.float32),
        "color/model/mean": np.zeros(3 * len(used), np.float32),
    } | changes
    with h5py.File(path, "w") as file:
        for name, value in arrays.items():
            if value is not None:
                file[name] = value
    return path


@pytest.mark.parametrize("is_face", [False, True])
def test_the_model_comes_with_its_modes(tmp_path: Path, is_face: bool) -> None:
    own = default_head()
    head = read_bfm(write_model(tmp_path / "model2019.h5", is_face), own)
    assert "scaled from millimetres" in head.notes
    assert (len(head.identity), head.measured) == (N_MODES, ())
    kept = np.unique(own.skin_triangles)
    if is_face:
        kept = np.unique(own.skin_triangles[(own.detail_weight[own.skin_triangles] > 0).all(axis=1)])
    np.testing.assert_allclose(head.neutral, own.neutral[kept], atol=1e-3)
    np.testing.assert_allclose(
        head.identity.astype(float), own.identity[:N_MODES, kept].astype(float), atol=0.03
    )


def test_a_mean_of_offsets_lies_on_the_template(tmp_path: Path) -> None:
    own = default_head()
    path = write_model(tmp_path / "a.h5", **{"shape/model/mean": np.zeros(3 * own.n_skin, np.float32)})
    model = read_bfm(path, own)
    np.testing.assert_allclose(model.neutral, own.neutral[: own.n_skin], atol=1e-3)


def test_a_face_alone_becomes_a_head(tmp_path: Path) -> None:
    head, own = load_head(write_model(tmp_path / "face12.h5", True)), default_head()
    assert (head.n_identity, len(head.made_shapes)) == (N_MODES, 52)
    kept = np.unique(own.skin_triangles[(own.detail_weight[own.skin_triangles] > 0).all(axis=1)])
    error = 256 * np.linalg.norm(head.chart - own.chart[kept], axis=1)
    assert np.median(error) < 1


def test_lies_are_named(tmp_path: Path) -> None:
    n = 3 * default_head().n_skin
    (tmp_path / "secret.bin").write_bytes(bytes(8 * n))
    changes: list[tuple[dict[str, Any], str]] = [
        ({"shape/model/pcaBasis": None}, r"shape/model/pcaBasis is missing; this is no Basel Face Model"),
        ({"shape/model/pcaVariance": np.ones(3)}, "does not fit the mean"),
        ({"shape/model/mean": h5py.ExternalLink(str(tmp_path / "other.h5"), "/a")}, "mean lies in another file"),
        ({"shape/representer/cells": np.full((3, 9), 1 << 30)}, "names a vertex that is not there"),
        ({"shape/model/mean": np.full(n, np.nan)}, "not finite"),
    ]
    for number, (change, message) in enumerate(changes):
        path = write_model(tmp_path / f"{number}.h5", **change)
        with pytest.raises(HeadFileError, match=message) as caught:
            load_head(path)
        assert str(path) in str(caught.value)
    path = write_model(tmp_path / "raw.h5", **{"shape/model/mean": None})
    with h5py.File(path, "a") as file:
        file["shape/model"].create_dataset("mean", (n,), "f8", external=[(str(tmp_path / "secret.bin"), 0, 8 * n)])
    with pytest.raises(HeadFileError, match="mean lies in another file"):
        load_head(path)


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    whole = write_model(tmp_path / "whole.h5").read_bytes()
    damaged = {"cut": whole[: len(whole) // 3], "not": b"anything", "none": b"", "flipped": whole[:2000] + whole[:2000]}
    for name, data in damaged.items():
        path = tmp_path / f"{name}.h5"
        path.write_bytes(data)
        with pytest.raises(HeadFileError, match=rf"{name}\.h5: .*download the model again, as \.h5"):
            load_head(path)
