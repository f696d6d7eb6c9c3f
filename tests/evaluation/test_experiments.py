"""What the experiments measure, on edits whose outcome is known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from evaluation_samples import cheek_line, forehead_line, made_scan, texture

from rhytid.core.detail.engine import Reposed
from rhytid.core.evaluation import age, animation, drawing, erasing, expression, locality, split
from rhytid.core.evaluation.faces import ScanEditor
from rhytid.core.evaluation.principal import principal_components
from rhytid.core.evaluation.scans import ScanSet
from rhytid.core.evaluation.scores import REGIONS_PX, MapScore, correlation, log_region_energy, region_shares
from rhytid.core.evaluation.tasks import Context, Setup
from rhytid.core.lines.raster import draw_line_map
from rhytid.core.lines.relief import relief
from rhytid.core.maps.resample import resample
from rhytid.core.synthesis import KEY_EXPRESSIONS, static_map, synthesise

EVERYWHERE = np.ones((256, 256), bool)


def test_depth_of_a_stamped_stroke_is_what_was_asked():
    skin, stroke = texture(1), cheek_line(0.3)
    stamped = skin + relief([(stroke, 1.0)], 256)
    half = skin + relief([(stroke, 0.5)], 256)
    assert drawing.depth_ratio(skin, stamped, stroke) == pytest.approx(1, abs=0.12)
    assert drawing.depth_ratio(skin, half, stroke) == pytest.approx(0.5, abs=0.06)
    assert drawing.depth_ratio(skin, skin, stroke) == 0


def test_a_stroke_is_recalled_where_its_valley_is():
    skin, stroke = texture(1), forehead_line(0.4)
    assert drawing.recall(skin + relief([(stroke, 1.0)], 256), stroke) > 0.7
    assert drawing.recall(skin, stroke) < 0.1


def test_strokes_are_plausible_and_the_same_every_time(scan_folder):
    scans = ScanSet(scan_folder)
    once, again = (drawing.tasks(scans, "procedural", quick=False) for _ in range(2))
    assert once == again
    strokes = [stroke for task in once for stroke in task.strokes]
    assert len(strokes) == drawing.N_STROKES
    assert len({stroke.id for stroke in strokes}) == drawing.N_STROKES
    for stroke in strokes:
        texels = draw_line_map([stroke], 256)
        assert scans.mask[texels].all()
        assert 5 <= texels.sum() <= 70
        assert drawing.DEPTH_MM[0] <= stroke.depth_mm <= drawing.DEPTH_MM[1]


def test_a_line_is_removed_when_its_valley_is_gone():
    line, rest = forehead_line(0.4), [cheek_line(0.4)]
    scan = made_scan(1, 0.4)
    healed = texture(1) + relief([(rest[0], 1.0)], 256)
    assert erasing.removed(healed, line, rest) == 1
    assert erasing.removed(scan, line, rest) < 0.3


def test_valleys_of_lines_that_stay_do_not_count():
    line, scan = forehead_line(0.4), made_scan(1, 0.4)
    twin = forehead_line(0.4)
    assert erasing.removed(scan, line, [twin]) == 1


def test_healed_skin_shall_be_as_rough_as_its_surroundings():
    line = forehead_line(0.4)
    skin = texture(1)
    zeroed = skin.copy()
    zeroed[locality.line_distance_px(line) < 4] = 0
    as_rough = erasing.band_ratio(skin, line, (), EVERYWHERE)
    smooth = erasing.band_ratio(zeroed, line, (), EVERYWHERE)
    assert as_rough == pytest.approx(1, abs=0.2)
    assert smooth is not None
    assert smooth < 0.3
    assert erasing.band_ratio(skin, line, (), ~EVERYWHERE) is None


def test_every_texel_outside_the_neighbourhood_counts():
    line = cheek_line()
    before = made_scan(1, 0.3)
    reach = locality.neighbourhood_px(line)
    assert reach >= 12.8
    distance = locality.line_distance_px(line)
    after = before.copy()
    after[distance <= reach] += 1
    assert locality.changed_outside(before, after, line) == 0
    far = np.argwhere(distance > reach)[:3]
    for row, column in far:
        after[row, column] = np.nextafter(after[row, column], np.float32(1))
    assert locality.changed_outside(before, after, line) == 3


def test_distance_to_a_line_is_exact():
    line = forehead_line()
    distance = locality.line_distance_px(line)
    y = 0.12 * 256 - 0.5
    assert distance[100, 128] == pytest.approx(100 - y, abs=1e-3)
    assert distance[30, 20] == pytest.approx(np.hypot(30 - y, 0.36 * 256 - 0.5 - 20), abs=1e-2)


def test_rank_correlation():
    rising = np.array([1.0, 2.0, 5.0, 9.0])
    assert age.spearman(rising, rising**3) == pytest.approx(1)
    assert age.spearman(rising, -rising) == pytest.approx(-1)
    assert age.spearman(rising, np.ones(4)) == 0
    assert age.spearman(rising, np.array([1.0, 1.0, 2.0, 2.0])) == pytest.approx(0.894, abs=1e-3)


def test_onset_is_where_the_energy_has_risen():
    rise = np.linspace(0, np.log(1.15) * 3, len(age.AGES))
    assert age.onset_years(rise) == pytest.approx(16 + (70 - 16) / 3)
    assert age.onset_years(rise * 0.1) is None
    assert age.in_published_order({"crows_feet": 28, "forehead": 30, "nasolabial": 35})
    assert not age.in_published_order({"crows_feet": 33, "forehead": 30, "nasolabial": 35})
    assert not age.in_published_order({"crows_feet": 28, "forehead": 30, "nasolabial": None})


def test_all_ordered_pairs_of_a_subject(scan_folder):
    scans = ScanSet(scan_folder)
    every = expression.tasks(scans, "procedural", quick=False)
    pairs = {(task.scan, target) for task in every for target in task.targets}
    assert len(pairs) == 2 * 3 * 2
    assert all(a != b and a.partition("/")[0] == b.partition("/")[0] for a, b in pairs)
    few = expression.tasks(scans, "procedural", quick=True)
    assert {(task.scan, target) for task in few for target in task.targets} < pairs


def test_others_tell_the_change_of_energies_that_follow_a_rule(scan_folder):
    figures = expression.mean_change_of_others(ScanSet(scan_folder), quick=False)
    assert figures["n"] == 12
    assert figures["energy_change_correlation"] > 0.9


def test_summary_of_expression_editing():
    score = MapScore(0.5, 0.4, 0.3, (1.0, 1.0, 1.0, 1.0))
    real = np.random.default_rng(0).normal(size=(2, 13))
    figures = expression.summary([expression.Edited((score, score), real * 0.5, real)])
    assert figures["energy_change_correlation"] == pytest.approx(1)
    assert (figures["line_f1"], figures["n"]) == (0.5, 2)


def test_principal_components_are_those_of_the_covariance():
    rng = np.random.default_rng(0)
    basis = rng.normal(size=(6, 65536)).astype(np.float32)
    maps = (rng.normal(size=(20, 6)) * [9, 7, 5, 3, 2, 1] @ basis).astype(np.float32).reshape(-1, 256, 256)
    found = principal_components(lambda: (maps[start : start + 7] for start in range(0, 20, 7)), 4)
    assert (found.n_maps, found.vectors.shape) == (20, (4, 65536))
    centred = maps.reshape(20, -1) - maps.reshape(20, -1).mean(0)
    exact = np.linalg.svd(centred, full_matrices=False)[2][:4]
    assert np.linalg.svd(found.vectors @ exact.T)[1].min() > 0.999
    whole = principal_components(lambda: [maps], 576)
    assert np.allclose(whole.reconstructed(maps[3]), maps[3], atol=1e-2)


def test_components_need_maps():
    with pytest.raises(ValueError, match="two maps"):
        principal_components(lambda: [])


def test_animation_counts_what_the_photograph_shows_and_scores_real_changes_full():
    real = np.random.default_rng(0).normal(size=(3, 13))
    hidden = real.copy()
    hidden[:, 4:] = np.nan
    figures = animation.summary([animation.Driven(0.3 * hidden, -hidden, np.where(np.isnan(hidden), np.nan, real))])
    assert figures["energy_change_correlation"] == pytest.approx(1)
    assert figures["scan_given"] == pytest.approx(-1)
    still = animation.summary([animation.Driven(0 * real, 0 * real, real)])
    assert still["energy_change_correlation"] == 0
    assert still["n"] == 3


def test_a_photographed_scan_is_read_alike_each_time_and_like_itself(scan_folder):
    scans = ScanSet(scan_folder)
    one, other = scans.scans[2], scans.scans[-1]
    relief = animation.photographed(one)
    np.testing.assert_array_equal(relief.displacement, animation.photographed(one).displacement)
    mask = scans.mask & (resample(relief.confidence, 256) > 0.5)
    found = resample(relief.displacement, 256)
    assert correlation(found, one.displacement, mask) > correlation(found, other.displacement, mask)
    source = animation.source_of(relief, one)
    assert (source.expression, source.age) == (tuple(map(float, one.weights)), one.age)


def test_driving_a_photograph_to_its_own_expression_changes_nothing(scan_folder):
    context = Context(Setup(scan_folder))
    scan = context.scans.scans[1]
    driven = animation.drive(context, animation.FromPhoto("procedural", scan.name, (scan.name,)))
    shown = np.isfinite(driven.real)
    assert shown.any()
    for changes in (driven.predicted, driven.given, driven.real):
        np.testing.assert_array_equal(changes[shown], 0)
    assert not np.isfinite(driven.predicted[~shown]).any()


def test_region_shares_are_means_inside_the_mask():
    mask = np.zeros((256, 256), bool)
    mask[:, :128] = True
    shares = region_shares(np.full((256, 256), 0.25, np.float32), mask)
    names = tuple(REGIONS_PX)
    assert np.isnan(shares[names.index("cheek_left")])
    assert shares[names.index("cheek_right")] == 0.25


class _Knows:
    """An engine that brings a map to rest as a test says."""

    def __init__(self, rest):
        self.rest = rest

    def get(self, _name):
        return self

    def reposed(self, displacement, source, captured, pose, control):
        assert not pose.expression.any()
        assert captured.expression.any()
        return Reposed(self.rest(displacement))


def test_the_split_scores_the_truth_full_and_keeping_all_as_the_baseline(scan_folder):
    context = Context(Setup(scan_folder))
    person = split.tasks("procedural", True)[0]
    kept = split.split(replaced_engines(context, _Knows(lambda whole: whole)), person)
    np.testing.assert_array_equal(kept[:, 0], kept[:, 2])
    np.testing.assert_array_equal(kept[:, 1], 0)
    seed = split._FIRST_SEED + person.person
    age = float(np.random.default_rng(seed).uniform(16, 70))
    perfect = split.split(replaced_engines(context, _Knows(lambda _whole: static_map(seed, age))), person)
    np.testing.assert_allclose(perfect[:, :2], 1, atol=1e-5)
    assert (perfect[:, 2] < 1).all()
    assert split.summary([perfect, kept])["n"] == 2 * len(split.EXPRESSIONS)


def replaced_engines(context, engines):
    context.engines = engines
    return context


@pytest.mark.parametrize("engine", ["semm", "sd_detail"])
def test_a_photographed_smile_leaves_no_smile_lines_on_the_face_at_rest(scan_folder, engine):
    """DECA: person-specific detail stays, what the expression brought goes, as it does on the person at rest."""
    context, mask = Context(Setup(scan_folder)), EVERYWHERE
    if context.engines.reason_against(engine):
        pytest.skip(context.engines.reason_against(engine))
    folds = [list(REGIONS_PX).index(f"nasolabial_{side}") for side in ("left", "right")]
    left, wanted = [], []
    for person in range(4):
        seed, age, smile = 980_000_000 + person, 25.0 + 10 * person, KEY_EXPRESSIONS["16_grin"]
        face = SimpleNamespace(
            displacement=synthesise(seed, age, smile).displacement, weights=smile, age=age, name=str(seed)
        )
        source = animation.source_of(animation.photographed(face), face)
        editor = ScanEditor(face, source, engine, context.expressions, context.engines)
        rest = synthesise(seed, age, KEY_EXPRESSIONS["1_neutral"]).displacement
        grinning = log_region_energy(editor.edit(), mask)
        left.append((log_region_energy(editor.edit(weights=np.zeros(52, np.float32)), mask) - grinning)[folds])
        wanted.append((log_region_energy(rest, mask) - log_region_energy(face.displacement, mask))[folds])
    assert np.mean(wanted) < -0.15
    assert np.mean(left) == pytest.approx(np.mean(wanted), abs=0.2)
