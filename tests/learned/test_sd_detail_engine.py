"""The engine "sd_detail" in the pipeline: what must hold whatever the weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from expression_energy_sample import expression_energy
from sd_detail_sample import sd_detail_model

from rhytid.core.arkit import expression_array
from rhytid.core.detail.engine import EngineInfo
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.pipeline import DetailPipeline
from rhytid.core.detail.request import DetailRequest, EngineSettings, Pose, SourceDetail, displacement_digest
from rhytid.core.learned.sd_detail_engine import SdDetailEngine
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.bands import band, low_pass
from rhytid.core.maps.resample import resample

SMILE = expression_array({"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0})
NEUTRAL = np.zeros(52, np.float32)


def engine(cache):
    return SdDetailEngine(cache, sd_detail_model(), expression_energy())


ENGINES = Engines([EngineInfo("sd_detail", "SD-DeTail", "", engine)])


def line():
    points = np.linspace((0.30, 0.52), (0.27, 0.70), 12, dtype=np.float32)
    return Stroke("s1", points, np.ones(12, np.float32), depth_mm=0.2, width=0.014, from_source=True)


def scan(resolution=256):
    noise = np.random.default_rng(3).normal(size=(resolution, resolution)).astype(np.float32)
    values = band(noise, 0.8 * resolution / 256, 2.5 * resolution / 256)
    values *= np.float32(0.03) / values.std()
    values += relief([(line(), 1.0)], resolution)
    values[:, int(0.9 * resolution) :] = 0
    values.setflags(write=False)
    return values


def source(resolution=256, expression=NEUTRAL):
    values = scan(resolution)
    return SourceDetail(values, tuple(expression.tolist()), 30.0, "scan", (line(),), displacement_digest(values))


def squeeze(amount=0.1):
    tension = np.zeros((256, 256), np.float32)
    tension[120:200] = amount
    return tension


def request(resolution=256, age=30.0, expression=NEUTRAL, tension=None, own=None, strokes=(), **settings):
    still = np.zeros((256, 256), np.float32)
    made = EngineSettings(name="sd_detail", **settings)
    wanted = Pose(expression, {}, age, still if tension is None else tension, made)
    captured = None
    if own is not None:
        captured = replace(wanted, expression=np.asarray(own.expression, np.float32), age=own.age, tension=still)
    return DetailRequest(resolution, wanted, captured, own, strokes)


def run(wanted):
    return DetailPipeline(ENGINES).run(wanted).displacement


@pytest.mark.parametrize("resolution", [64, 256, 300, 1024])
def test_an_untouched_map_comes_back_bit_for_bit(resolution):
    values = run(request(resolution, own=source(), strokes=(line(),)))
    assert values.tobytes() == resample(scan(), resolution).tobytes()


@pytest.mark.parametrize("resolution", [256, 512])
def test_another_expression_moves_bands_towards_what_is_expected(resolution):
    own = source(resolution)
    still = run(request(resolution, own=own, strokes=(line(),)))
    smiling = run(request(resolution, own=own, strokes=(line(),), expression=SMILE))
    assert (smiling != still).any()
    assert np.isfinite(smiling).all()
    back = run(request(resolution, own=own, strokes=(line(),)))
    assert back.tobytes() == still.tobytes()


def test_small_changes_of_pose_are_small():
    own = source()
    still = run(request(own=own, strokes=(line(),)))
    near, far = (run(request(own=own, strokes=(line(),), expression=SMILE * s)) for s in (0.05, 1.0))
    assert np.abs(near - still).mean() < 0.3 * np.abs(far - still).mean()


def test_compressed_skin_gets_dynamic_detail_where_it_is_compressed():
    own = source()
    still = run(request(own=own, strokes=(line(),)))
    pushed = run(request(own=own, strokes=(line(),), tension=squeeze()))
    change = np.abs(low_pass(pushed - still, 1.0))
    assert change[130:190, 60:190].mean() > 5 * change[20:100, 60:190].mean()


def test_strengths_scale_what_they_name():
    own = source()
    half = run(request(own=own, strokes=(line(),), strength=0.5))
    np.testing.assert_allclose(half, 0.5 * scan(), atol=1e-6)
    gone = run(request(own=own, strokes=(line(),), static_strength=0.0))
    assert np.abs(gone).max() < 1e-6  # at rest nothing is dynamic
    face = dict(seed=3, generate_wrinkles=False)
    assert not run(request(static_strength=0.0, **face)).any()
    pushed = [run(request(tension=squeeze(), dynamic_strength=d, pores=0.0, **face)) for d in (0.0, 1.0)]
    relaxed = run(request(pores=0.0, dynamic_strength=0.0, **face))
    np.testing.assert_array_equal(pushed[0], relaxed)
    assert (pushed[1] != relaxed).any()


def test_an_erased_line_goes_in_every_expression():
    for expression in (NEUTRAL, SMILE):
        with_line, without = (run(request(own=source(), strokes=s, expression=expression)) for s in ((line(),), ()))
        where = relief([(line(), 1.0)], 256) < -0.1
        assert band(without - with_line, 1, 4)[where].mean() > 0.02


def test_a_generated_face_is_its_seed_and_ages():
    young, again, other, old = (run(request(seed=s, age=a)) for s, a in ((4, 20.0), (4, 20.0), (5, 20.0), (4, 65.0)))
    assert young.tobytes() == again.tobytes()
    assert (young != other).any()
    assert (young != old).any()
    fine = run(request(1024, seed=4, age=20.0))
    assert np.corrcoef(resample(fine, 256).ravel(), young.ravel())[0, 1] > 0.95


def test_nothing_is_stamped_beside_the_bases():
    """Neither on a generated face nor on a scan: the engine's wrinkles are in its maps."""
    face = request(seed=6, age=60.0, expression=SMILE)
    kept = replace(face.pose, settings=replace(face.pose.settings, generate_wrinkles=False))
    assert run(face).tobytes() == run(replace(face, pose=kept)).tobytes()
    maps = DetailPipeline(ENGINES).run(request(own=source(), strokes=(line(),), expression=SMILE))
    alone = DetailPipeline(ENGINES).run(request(own=source(), strokes=(line(),)))
    assert (maps.line_map == alone.line_map).all()


def test_static_and_dynamic_strength_weigh_the_map_at_rest_and_what_the_expression_adds():
    """Equation 9: the map is the person's static detail, that of rest, plus a dynamic part."""
    own = source()
    rest = run(request(own=own, strokes=own.lines, dynamic_strength=0.0))
    whole = run(request(own=own, strokes=own.lines, tension=squeeze()))
    static = run(request(own=own, strokes=own.lines, tension=squeeze(), dynamic_strength=0.0))
    dynamic = run(request(own=own, strokes=own.lines, tension=squeeze(), static_strength=0.0))
    np.testing.assert_allclose(static, rest, atol=2e-4)
    np.testing.assert_allclose(static + dynamic, whole, atol=2e-3)
    assert np.abs(dynamic).max() > 1e-3


def test_a_smile_leaves_no_smile_lines_at_rest():
    """Captured smiling, the cells that a smile deepens calm down at rest and come back with it."""
    own = source(expression=SMILE)
    smiling = run(request(own=own, strokes=own.lines, expression=SMILE))
    rest = run(request(own=own, strokes=own.lines))
    assert smiling.tobytes() == scan().tobytes()
    where = (slice(120, 180), slice(50, 100))  # of `expression_energy_sample`
    other = (slice(20, 80), slice(80, 180))
    size = [float(np.sqrt(np.mean(band(values, 1, 4)[at] ** 2))) for at in (where, other) for values in (rest, smiling)]
    assert size[0] < 0.7 * size[1]
    assert size[2] == pytest.approx(size[3], rel=0.02)
    half = run(request(own=own, strokes=own.lines, expression=SMILE * 0.5))
    assert np.abs(half - smiling).mean() < np.abs(rest - smiling).mean()
