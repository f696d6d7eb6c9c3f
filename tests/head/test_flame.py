"""FLAME's pickle and .npz: a model in its form, made of the default head, comes back in its place and with its jaw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pickles import write_pickles

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.flame import read_flame
from rhytid.core.head.head import Part
from rhytid.core.head.load import default_head, load_head

N_MODES, N_EXPRESSION = 6, 2


def model_of_the_default_head() -> dict[str, np.ndarray]:
    """Skin and eyes in metres; the jaw is what jawOpen moves, about a joint between the ears."""
    head = default_head()
    chosen = np.isin(head.triangle_parts, (Part.SKIN, Part.EYE_LEFT, Part.EYE_RIGHT))
    used, faces = np.unique(head.triangles[chosen], return_inverse=True)
    template = head.neutral[used].astype(np.float64) / 1000
    n = len(used)
    opened = np.linalg.norm(head.expression[ARKIT_INDEX["jawOpen"]].astype(float)[used], axis=1)
    weights = np.zeros((n, 5))
    weights[:, 2] = np.clip(1.2 * opened / opened.max(), 0, 1)
    for joint, part in ((3, Part.EYE_LEFT), (4, Part.EYE_RIGHT)):
        eye = np.isin(used, head.triangles[head.triangle_parts == part])
        weights[eye] = 0
        weights[eye, joint] = 1
    weights[:, 0] = 1 - weights.sum(axis=1)
    regressor = np.zeros((5, n))
    ears = np.searchsorted(used, head.landmarks[[0, 16]])
    regressor[:, ears] = 0.5
    directions = np.zeros((n, 3, N_MODES + N_EXPRESSION))
    directions[..., :N_MODES] = np.moveaxis(head.identity[:N_MODES].astype(float)[:, used], 0, 2) / 1000
    return {
        "v_template": template,
        "f": faces.reshape(-1, 3).astype(np.uint32),
        "shapedirs": directions,
        "posedirs": np.zeros((n, 3, 36)),
        "J_regressor": regressor,
        "weights": weights,
        "kintree_table": np.array([[-1, 0, 1, 1, 1], [0, 1, 2, 3, 4]], np.int64),
    }


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    return model_of_the_default_head()


@pytest.fixture(scope="module")
def pickled(arrays: dict[str, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flame")
    return write_pickles(folder, arrays, (2,), ("J_regressor",), ("v_template", "shapedirs"))[2]


def test_the_pickle_opens_as_a_head_with_modes_and_a_jaw(pickled: Path) -> None:
    head, own = load_head(pickled), default_head()
    assert "scaled from metres" in head.notes
    assert any(note.startswith("without 49 of the 52 shapes") for note in head.notes)
    assert (head.n_identity, head.n_skin) == (N_MODES, own.n_skin)
    np.testing.assert_allclose(head.neutral[: own.n_skin], own.neutral[: own.n_skin], atol=1e-3)
    skin = head.identity[:, : own.n_skin].astype(float)
    np.testing.assert_allclose(skin, own.identity[:N_MODES, : own.n_skin].astype(float), atol=0.02)
    opened, wanted = (h.expression[ARKIT_INDEX["jawOpen"], : own.n_skin].astype(float) for h in (head, own))
    assert np.linalg.norm(opened, axis=1).max() == pytest.approx(np.linalg.norm(wanted, axis=1).max(), rel=0.15)
    lowest = np.linalg.norm(wanted, axis=1).argmax()
    assert opened[lowest, 1] < -10
    assert (opened * wanted).sum() / np.linalg.norm(opened) / np.linalg.norm(wanted) > 0.8
    left = head.expression[ARKIT_INDEX["jawLeft"], : own.n_skin].astype(float)
    assert left[lowest, 0] > 2
    assert {Part.EYE_LEFT, Part.EYE_RIGHT} <= set(head.parts.tolist())
    np.testing.assert_allclose(head.eye_centers, own.eye_centers, atol=1)


def test_an_npz_with_the_same_arrays_is_the_same(
    pickled: Path, arrays: dict[str, np.ndarray], tmp_path: Path
) -> None:
    np.savez(tmp_path / "flame.npz", allow_pickle=False, **arrays)
    one, other = read_flame(pickled, default_head()), read_flame(tmp_path / "flame.npz", default_head())
    assert one.measured == other.measured == ("jawLeft", "jawOpen", "jawRight")
    for name in ("neutral", "identity", "expression", "faces", "parts"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": np.ones((4, 24))}, "24 joints, a head of FLAME has 5; choose its model instead of a body's"),
        ({"J_regressor": np.ones((5, 7))}, "J_regressor"),
        ({"f": np.array([[0, 1, 9]])}, "names a vertex that is not there"),
        ({"v_template": np.full((4, 3), np.nan)}, "not finite"),
        ({"posedirs": np.ones((4, 3, 5))}, "joints"),
        ({"shapedirs": np.ones((4, 3))}, "shapedirs"),
        ({}, "no human face"),
    ],
)
def test_other_models_are_named(tmp_path: Path, change: dict[str, np.ndarray], message: str) -> None:
    arrays = {
        "v_template": np.eye(4, 3), "f": np.array([[0, 1, 2]]), "shapedirs": np.zeros((4, 3, 4)),
        "posedirs": np.zeros((4, 3, 36)), "J_regressor": np.zeros((5, 4)), "weights": np.zeros((4, 5)),
    }  # fmt: skip
    arrays |= change
    if "weights" in change:
        arrays["J_regressor"] = np.ones((24, 4))
    np.savez(tmp_path / "flame.npz", allow_pickle=False, **arrays)
    with pytest.raises(HeadFileError, match=message) as caught:
        load_head(tmp_path / "flame.npz")
    assert str(tmp_path / "flame.npz") in str(caught.value)


def test_a_pickle_of_something_else_is_named(tmp_path: Path) -> None:
    path = write_pickles(tmp_path, {"v_template": np.zeros((4, 3))}, (4,))[4]
    with pytest.raises(HeadFileError, match="f is missing; this is no FLAME model"):
        load_head(path)
