"""A small SD-DeTail model of random weights with the shipped layout."""

from __future__ import annotations

import numpy as np

from rhytid.core.learned.sd_detail import SdDetailModel, packed
from rhytid.core.maps.bands import low_pass

STATIC, DYNAMIC, ENERGY, WIDTH = 5, 3, 4, 12


def face_oval():
    """Texels inside an oval, bool (256, 256)."""
    y, x = np.mgrid[:256, :256]
    return ((x - 128) / 105) ** 2 + ((y - 128) / 120) ** 2 <= 1


def sd_detail_tensors(seed=0):
    """Tensors by the names of `core.networks.sd_detail`."""
    rng = np.random.default_rng(seed)
    inside = face_oval()
    count = int(inside.sum())

    def noise(scale, *shape):
        return (scale * rng.normal(size=shape)).astype(np.float16)

    def maps(scale, n):
        made = [low_pass(rng.normal(size=(256, 256)).astype(np.float32), 2.0)[inside] for _ in range(n)]
        return np.stack([scale * values / values.std() for values in made]).astype(np.float16)

    tensors = {"inside": packed(inside), "static.noise": np.full(count, 0.6, np.float16)}
    for name, n, scale in (("static", STATIC, 0.3), ("compressed", DYNAMIC, 0.4), ("stretched", DYNAMIC, 0.2)):
        tensors[f"{name}.mean"] = maps(0.2, 1)[0]
        tensors[f"{name}.basis"] = maps(scale, n)
    tensors["age.slope"] = noise(0.6, 2, STATIC)
    tensors["age.factor"] = np.eye(STATIC, dtype=np.float16)
    assert tensors["static.mean"].shape == (count,)
    tensors["energy.mean"] = noise(0.3, 1024) - np.float16(2)
    tensors["energy.basis"] = noise(0.3, ENERGY, 1024)
    layers = {
        "person": (WIDTH, STATIC + 1), "expression": (WIDTH // 2, 52),
        "blocks.0.style": (2 * WIDTH, WIDTH // 2), "blocks.0.layer": (WIDTH, WIDTH),
        "blocks.1.style": (2 * WIDTH, WIDTH // 2), "blocks.1.layer": (WIDTH, WIDTH),
        "codes": (2 * DYNAMIC + ENERGY, WIDTH),
    }  # fmt: skip
    for name, shape in layers.items():
        tensors[f"net.{name}.weight"] = noise(1 / np.sqrt(shape[1]), *shape)
        tensors[f"net.{name}.bias"] = noise(0.1, shape[0])
    tensors["net.past.weight"] = noise(0.1, 2 * DYNAMIC + ENERGY, STATIC + 1)
    return tensors


def sd_detail_model(seed=0):
    """The model of `sd_detail_tensors`."""
    return SdDetailModel(sd_detail_tensors(seed))
