"""Relief out of a chart: what is kept of what the network says, and colours without the relief's shading."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.learned.super_resolution import SuperResolution
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.harmonics import harmonics
from rhytid.core.maps.resample import resample
from rhytid.core.photo.relief import (
    GAIN,
    PhotoRelief,
    ReliefReader,
    ShadedChart,
    kept_lines,
    photo_relief,
    seen_well,
    without_wrinkle_shading,
)
from rhytid.core.synthesis import KEY_EXPRESSIONS, synthesise
from rhytid.core.synthesis.photo_shading import chart_picture, skins


class Session:
    """A network that says what it is told to."""

    def __init__(self, displacement: np.ndarray, lines: np.ndarray) -> None:
        self.results = {"displacement": displacement[None], "lines": lines[None]}
        self.seen: list[np.ndarray] = []

    def run(self, names, inputs):
        self.seen.append(inputs["features"])
        return [self.results[name] for name in names]


def chart_of(picture, weight: np.ndarray | None = None) -> ShadedChart:
    seen = picture.weight if weight is None else weight
    return ShadedChart(picture.rgb, picture.normal, picture.position, picture.light, seen)


@pytest.fixture(scope="module")
def wrinkled() -> np.ndarray:
    return synthesise(5, 65, list(KEY_EXPRESSIONS.values())[1], scan=False).displacement


@pytest.fixture(scope="module")
def chart(wrinkled: np.ndarray) -> ShadedChart:
    return chart_of(chart_picture(wrinkled, np.random.default_rng(1), darkening=0.6, paint=0, faults=0))


def valley(*columns: int) -> np.ndarray:
    """Valleys 1 mm deep down the chart's cheeks, in 0.1 mm."""
    away = np.abs(np.arange(256)[None, :] - np.array(columns)[:, None]).min(0)
    down = (np.abs(np.arange(256) - 150) < 30)[:, None]
    return (-10 * np.exp(-((away / 2.0) ** 2))[None, :] * down).astype(np.float32)


def test_the_relief_is_the_networks_where_skin_is_seen(chart: ShadedChart):
    weight = np.ones((256, 256), np.float32)
    weight[:, :40] = 0
    made = valley(60, 40)
    session = Session(made, (made < -3).astype(np.float32))
    relief = photo_relief(replace(chart, weight=weight), ReliefReader(session), SuperResolution.load())
    assert session.seen[0].shape == (1, 9, 256, 256)
    assert relief.displacement.shape == relief.confidence.shape == (1024, 1024)
    # One valley lies inside, the other on the border of what is seen.
    assert len(relief.lines) == 1
    assert 256 * relief.lines[0].points[:, 0] == pytest.approx(60.5, abs=0.6)
    assert all(line.from_source for line in relief.lines)
    assert not relief.displacement[:, : 4 * 36].any()
    means = relief.displacement.reshape(256, 4, 256, 4).mean((1, 3))
    np.testing.assert_allclose(means[130:170, 50:70], 0.1 * GAIN * made[130:170, 50:70], atol=2e-3)
    assert relief.confidence[600, 240] == pytest.approx(1, abs=1e-3)


def test_a_chart_of_any_size_is_read(chart: ShadedChart):
    def enlarged(values: np.ndarray) -> np.ndarray:
        return np.repeat(np.repeat(values, 2, 0), 2, 1)

    names = ("rgb", "normal", "position", "weight")
    large = replace(chart, **{name: enlarged(getattr(chart, name)) for name in names})
    for name in names:
        inner = getattr(chart.small, name)[chart.small.weight > 0.1]
        np.testing.assert_allclose(getattr(large.small, name)[chart.small.weight > 0.1], inner, atol=1e-3, rtol=1e-3)
    places = replace(chart, light=np.broadcast_to(chart.light, (32, 32, 9, 3)))
    np.testing.assert_allclose(places.small.light, np.broadcast_to(chart.light, (256, 256, 9, 3)), atol=1e-4)


def stroke(name: str, start: tuple[float, float], end: tuple[float, float]) -> Stroke:
    t = np.linspace(0, 1, 40)[:, None]
    return Stroke(name, (np.array(start) * (1 - t) + np.array(end) * t).astype(np.float32), np.ones(40, np.float32))


def test_lines_that_only_follow_a_border_are_dropped_and_others_end_there():
    weight = np.ones((256, 256), np.float32)
    weight[:64] = 0
    confidence = seen_well(weight)
    likely = np.ones((256, 256), np.float32)
    likely[200:] = 0
    inside, border = stroke("inside", (0.2, 0.5), (0.8, 0.5)), stroke("border", (0.2, 0.256), (0.8, 0.256))
    leaving, unlikely = stroke("leaving", (0.5, 0.1), (0.5, 0.7)), stroke("unlikely", (0.2, 0.9), (0.8, 0.9))
    kept = {line.id: line for line in kept_lines((inside, border, leaving, unlikely), likely, confidence)}
    assert set(kept) == {"inside", "leaving"}
    assert kept["inside"] == inside
    points = kept["leaving"].points
    assert 0.25 < points[0, 1] < 0.3
    assert points[-1, 1] == pytest.approx(0.7)
    assert len(points) == len(kept["leaving"].pressure)


def plain(relief: np.ndarray, seed: int):
    return chart_picture(relief, np.random.default_rng(seed), darkening=0.6, paint=0, faults=0)


def fine(values: np.ndarray) -> np.ndarray:
    logarithm = np.log(np.maximum(values[..., 1], 1e-3)).astype(np.float32)
    return logarithm - low_pass(logarithm, 7.0)


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_the_albedo_loses_the_wrinkles_shading(wrinkled: np.ndarray, seed: int):
    picture = plain(wrinkled, seed)
    true_skin = next(skins(k)[0] for k in range(24) if np.array_equal(skins(k)[1].normal, picture.normal))
    lit = replace(chart_of(picture), normal=true_skin.normal, position=true_skin.position)
    shading = np.maximum(harmonics(lit.normal) @ lit.light, 0.05)
    albedo = picture.rgb / shading
    # What relief did to the picture.
    done = fine(picture.rgb) - fine(plain(0 * wrinkled, seed).rgb)
    seen = (picture.weight > 0.7) & (np.abs(wrinkled) > 0.01)

    def share(values: np.ndarray) -> float:
        """How much of it is in a colour."""
        return float((fine(values) * done)[seen].sum() / (done * done)[seen].sum())

    large, confidence = resample(wrinkled, 1024), resample(picture.weight, 1024)
    clean = without_wrinkle_shading(albedo, PhotoRelief(large, (), confidence), lit)
    assert clean.shape == albedo.shape
    assert share(albedo) > 0.8
    assert abs(share(clean)) < 0.45
    flat = without_wrinkle_shading(albedo, PhotoRelief(0 * large, (), confidence), lit)
    np.testing.assert_allclose(flat, albedo, rtol=1e-4)
    unseen = without_wrinkle_shading(albedo, PhotoRelief(large, (), 0 * confidence), lit)
    np.testing.assert_allclose(unseen, albedo, rtol=1e-4)
