"""Relief out of a chart: what is kept of what the network says, and colours without the relief's shading."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from rhytid.core.learned.super_resolution import SuperResolution
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.cavity import cavity
from rhytid.core.maps.resample import resample
from rhytid.core.photo.albedo import Albedo
from rhytid.core.photo.features import detail_features
from rhytid.core.photo.light import PhotoLight
from rhytid.core.photo.relief import (
    GAIN,
    PhotoRelief,
    ReliefReader,
    kept_lines,
    photo_relief,
    seen_well,
    without_wrinkle_shading,
)
from rhytid.core.photo.unwrap import Unwrapped
from rhytid.core.synthesis import KEY_EXPRESSIONS, synthesise
from rhytid.core.synthesis.photo_shading import N_SKINS, chart_picture, skins


class Session:
    """A network that says what it is told to."""

    def __init__(self, displacement: np.ndarray, lines: np.ndarray) -> None:
        self.results = {
            name: np.stack([values, np.roll(values[:, ::-1], 1, axis=0)])
            for name, values in (("displacement", displacement), ("lines", lines))
        }
        self.seen: list[np.ndarray] = []

    def run(self, names, inputs):
        self.seen.append(inputs["features"])
        return [self.results[name] for name in names]


def unwrapped_of(picture) -> Unwrapped:
    nowhere = np.zeros((256, 256, 2), np.float32)
    weight = picture.weight
    return Unwrapped(picture.rgb, weight, weight, picture.normal, picture.position, nowhere, 1.0)


def even(light: np.ndarray) -> PhotoLight:
    return PhotoLight(light, np.ascontiguousarray(np.broadcast_to(light, (32, 32, 9, 3))))


@pytest.fixture(scope="module")
def wrinkled() -> np.ndarray:
    return synthesise(5, 65, list(KEY_EXPRESSIONS.values())[1], scan=False).displacement


@pytest.fixture(scope="module")
def picture(wrinkled: np.ndarray):
    return plain(wrinkled, 1)


def valley(*columns: int) -> np.ndarray:
    """Valleys 1 mm deep down the chart's cheeks, in 0.1 mm."""
    away = np.abs(np.arange(256)[None, :] - np.array(columns)[:, None]).min(0)
    down = (np.abs(np.arange(256) - 150) < 30)[:, None]
    return (-10 * np.exp(-((away / 2.0) ** 2))[None, :] * down).astype(np.float32)


def test_the_relief_is_the_networks_where_skin_is_seen(picture):
    weight = np.ones((256, 256), np.float32)
    weight[:, :40] = 0
    made = valley(60, 40)
    session = Session(made, (made < -3).astype(np.float32))
    unwrapped = replace(unwrapped_of(picture), skin=weight)
    relief = photo_relief(unwrapped, even(picture.light), ReliefReader(session), SuperResolution.load())
    chart, mirrored = session.seen[0]
    assert chart.shape == (11, 256, 256)
    np.testing.assert_array_equal(mirrored[3, 1:], -chart[3, :-1, ::-1])
    np.testing.assert_array_equal(mirrored[4, 1:], chart[4, :-1, ::-1])
    assert relief.displacement.shape == relief.confidence.shape == (1024, 1024)
    # One valley lies inside, the other on the border of what is seen.
    assert len(relief.lines) == 1
    assert 256 * relief.lines[0].points[:, 0] == pytest.approx(60.5, abs=0.6)
    assert all(line.from_source for line in relief.lines)
    assert not relief.displacement[:, : 4 * 36].any()
    means = relief.displacement.reshape(256, 4, 256, 4).mean((1, 3))
    np.testing.assert_allclose(means[130:170, 50:70], 0.1 * GAIN * made[130:170, 50:70], atol=2e-3)
    assert relief.confidence[600, 240] == pytest.approx(1, abs=1e-3)


def test_a_chart_of_any_size_is_read_alike(picture):
    session = Session(valley(60), np.ones((256, 256), np.float32))
    small = unwrapped_of(picture)
    names = ("rgb", "weight", "skin", "normal", "position")
    large = replace(small, **{name: np.repeat(np.repeat(getattr(small, name), 2, 0), 2, 1) for name in names})
    for unwrapped in (small, large):
        photo_relief(unwrapped, even(picture.light), ReliefReader(session), SuperResolution.load())
    one, other = session.seen
    np.testing.assert_allclose(other, one, atol=0.02)
    names = ("rgb", "normal", "position", "light", "weight")
    alone = detail_features(*(getattr(picture, name) for name in names))
    seen = picture.weight > 0.5
    assert np.abs(one[0, :, seen] - alone[:, seen].T).mean() < 0.02


def stroke(name: str, start: tuple[float, float], end: tuple[float, float]) -> Stroke:
    t = np.linspace(0, 1, 40)[:, None]
    return Stroke(name, (np.array(start) * (1 - t) + np.array(end) * t).astype(np.float32), np.ones(40, np.float32))


def test_lines_that_only_follow_a_border_are_dropped_and_others_end_there():
    weight = np.ones((256, 256), np.float32)
    weight[:, :64] = 0
    confidence = seen_well(weight)
    likely = np.ones((256, 256), np.float32)
    likely[200:] = 0
    inside, border = stroke("inside", (0.3, 0.06), (0.7, 0.06)), stroke("border", (0.256, 0.56), (0.256, 0.75))
    leaving, unlikely = stroke("leaving", (0.1, 0.08), (0.7, 0.08)), stroke("unlikely", (0.4, 0.94), (0.6, 0.94))
    faint = replace(stroke("faint", (0.3, 0.1), (0.7, 0.1)), depth_mm=0.02)
    lines = (inside, border, leaving, unlikely, faint)
    kept = {line.id: line for line in kept_lines(lines, likely, confidence)}
    assert set(kept) == {"inside", "leaving"}
    assert kept["inside"] == inside
    points = kept["leaving"].points
    assert 0.25 < points[0, 0] < 0.3
    assert points[-1, 0] == pytest.approx(0.7)
    assert len(points) == len(kept["leaving"].pressure)


def test_lines_that_cross_the_folds_of_the_skin_are_none():
    everywhere = np.ones((256, 256), np.float32)
    hair, strand = stroke("hair", (0.33, 0.02), (0.36, 0.14)), stroke("strand", (0.62, 0.02), (0.65, 0.12))
    nose, bunny = stroke("nose", (0.46, 0.3), (0.45, 0.45)), stroke("bunny", (0.44, 0.36), (0.5, 0.33))
    frown, smile = stroke("frown", (0.47, 0.13), (0.465, 0.25)), stroke("smile", (0.38, 0.52), (0.33, 0.68))
    down = stroke("frown and nose", (0.47, 0.13), (0.46, 0.5))
    legs = [stroke("", *ends).points for ends in pairwise([(0.25, 0.11), (0.4, 0.11), (0.4, 0.02), (0.55, 0.02)])]
    step = Stroke("step", np.concatenate(legs), np.ones(120, np.float32))
    lines = (hair, strand, nose, bunny, frown, smile, down, step)
    kept = {line.id: line for line in kept_lines(lines, everywhere, everywhere)}
    assert set(kept) == {"bunny", "frown", "smile", "frown and nose", "step", "step-2"}
    assert kept["frown"] == frown
    assert kept["smile"] == smile
    assert kept["frown and nose"].points[0, 1] == pytest.approx(0.13)
    assert 0.24 < kept["frown and nose"].points[-1, 1] < 0.28
    for part, height in (("step", 0.11), ("step-2", 0.02)):
        assert np.abs(kept[part].points[:, 1] - height).max() < 0.02
    lengths = [np.linalg.norm(np.diff(line.points, axis=0), axis=1).sum() for line in kept.values()]
    assert lengths == sorted(lengths, reverse=True)


def plain(relief: np.ndarray, seed: int):
    return chart_picture(relief, np.random.default_rng(seed), darkening=0.6, paint=0, faults=0)


def fine(values: np.ndarray) -> np.ndarray:
    logarithm = np.log(np.maximum(values[..., 1], 1e-3)).astype(np.float32)
    return logarithm - low_pass(logarithm, 7.0)


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_the_albedo_loses_the_wrinkles_shading(wrinkled: np.ndarray, seed: int):
    picture = plain(wrinkled, seed)
    true_skin = next(skins(k)[0] for k in range(N_SKINS) if np.array_equal(skins(k)[1].normal, picture.normal))
    lit = replace(unwrapped_of(picture), normal=true_skin.normal, position=true_skin.position)
    light = even(picture.light)
    shaded = picture.rgb / light.shading(lit.normal)
    albedo = Albedo(shaded / shaded.max(), np.ones((256, 256), np.float32))
    # What relief did to the picture.
    done = fine(picture.rgb) - fine(plain(0 * wrinkled, seed).rgb)
    seen = (picture.weight > 0.7) & (np.abs(wrinkled) > 0.01)

    def share(values: np.ndarray) -> float:
        """How much of it is in a colour."""
        return float((fine(values) * done)[seen].sum() / (done * done)[seen].sum())

    large, confidence = resample(wrinkled, 1024), resample(picture.weight, 1024)
    clean = without_wrinkle_shading(albedo, PhotoRelief(large, (), confidence), light, lit)
    assert clean.map.shape == albedo.map.shape
    assert share(albedo.map) > 0.8
    assert abs(share(clean.map)) < 0.45
    flat = without_wrinkle_shading(albedo, PhotoRelief(0 * large, (), confidence), light, lit)
    np.testing.assert_allclose(flat.map, albedo.map, rtol=1e-4)
    unseen = without_wrinkle_shading(albedo, PhotoRelief(large, (), 0 * confidence), light, lit)
    np.testing.assert_allclose(unseen.map, albedo.map, rtol=1e-4)


def test_what_is_dark_along_a_line_goes_with_the_wrinkle():
    y = (np.arange(256, dtype=np.float32) + 0.5) / 256
    relief = np.tile(-0.2 * np.exp(-(((y - 0.5) / 0.012) ** 2))[:, None], (1, 256)).astype(np.float32)
    line = Stroke("line", np.array([[0.1, 0.5], [0.9, 0.5]], np.float32), np.ones(2, np.float32), depth_mm=0.2)
    plane = np.mgrid[:256, :256][::-1].transpose(1, 2, 0).astype(np.float32) * np.float32(0.7)
    position = np.dstack([plane[..., 0], -plane[..., 1], np.zeros((256, 256), np.float32)])
    normal = np.broadcast_to(np.array([0, 0, 1], np.float32), (256, 256, 3))
    ones = np.ones((256, 256), np.float32)
    seen = Unwrapped(np.ones((256, 256, 3), np.float32), ones, ones, normal, position, plane, 1.0)
    sh9 = np.zeros((9, 3), np.float32)
    sh9[0] = 1  # light from everywhere: slopes shade nothing
    # Redder and darker than the network's relief explains, beyond what a valley of its depth may be.
    wanted = np.array([1.0, 3.0, 3.5], np.float32)
    colored = 0.5 * np.exp(cavity(relief)[..., None] * wanted)
    large = resample(relief, 1024)
    albedo = Albedo(colored.astype(np.float32), ones)
    found = PhotoRelief(large, (line,), np.ones((1024, 1024), np.float32))
    clean = without_wrinkle_shading(albedo, found, even(sh9), seen)
    on_line = np.s_[124:132, 50:200]
    assert albedo.map[on_line].min() < 0.35
    np.testing.assert_allclose(clean.map[on_line], 0.5, rtol=0.08)
    np.testing.assert_allclose(clean.darkening, wanted, rtol=0.25)
