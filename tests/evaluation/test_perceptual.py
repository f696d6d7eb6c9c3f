"""LPIPS where it is installed, with a stand-in for the package."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from rhytid.core.evaluation.perceptual import perceptual_distance
from rhytid.core.evaluation.scores import Reference, mean_score


@pytest.fixture(autouse=True)
def forgotten():
    perceptual_distance.cache_clear()
    yield
    perceptual_distance.cache_clear()


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Mean absolute difference of pictures -1..1."""
    module = ModuleType("lpips")
    module.im2tensor = lambda picture: picture / 127.5 - 1
    module.LPIPS = lambda net, verbose: lambda a, b: np.abs(a - b).mean()
    module.__spec__ = SimpleNamespace(name="lpips")
    monkeypatch.setitem(sys.modules, "lpips", module)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: module.__spec__)
    return module


def test_without_weights_nothing_is_fetched(package, monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    package.LPIPS = None
    assert perceptual_distance() is None


def test_the_score_has_it_where_it_is_there(package, monkeypatch, tmp_path: Path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    (tmp_path / "hub" / "checkpoints" / "alexnet-owt-7be5be79.pth").touch()
    mask = np.zeros((256, 256), bool)
    mask[:128] = True
    level = np.zeros((256, 256), np.float32)
    reference = Reference(level, mask, perceptual_distance())
    raised = level.copy()
    raised[:64] = 0.125
    raised[128:] = 0.25  # outside the mask
    score = reference.score(raised)
    assert score.lpips == pytest.approx(0.5 * 0.25)
    assert score.figures["lpips"] == score.lpips
    assert mean_score([score, reference.score(level)]).lpips == pytest.approx(score.lpips / 2)


def test_without_the_package_there_is_no_figure():
    level = np.zeros((256, 256), np.float32)
    score = Reference(level, np.ones((256, 256), bool)).score(level)
    assert score.lpips is None
    assert "lpips" not in score.figures
