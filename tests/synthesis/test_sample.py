from __future__ import annotations

import numpy as np
import pytest
from band_samples import band_rms

from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.bands import REGIONS, region_mask
from rhytid.core.synthesis import KEY_EXPRESSIONS, compressed_map, static_map, stretched_map, synthesise
from rhytid.core.synthesis.person import person
from rhytid.core.synthesis.texture import enlarged


def test_same_pose_gives_same_bits_from_a_fresh_person(neutral):
    first = synthesise(11, 30, neutral).displacement
    person.cache_clear()
    assert np.array_equal(first, synthesise(11, 30, neutral).displacement)


def test_sample_says_what_it_is(smile):
    sample = synthesise(4, 33, smile)
    assert sample.displacement.shape == (256, 256)
    assert sample.displacement.dtype == np.float32
    assert np.isfinite(sample.displacement).all()
    assert (sample.seed, sample.age) == (4, 33.0)
    assert np.array_equal(sample.expression, smile)
    assert sample.tension.shape == (256, 256)
    assert sample.tension.std() > 0.001
    ids = [stroke.id for stroke, _ in sample.lines]
    assert len(ids) == len(set(ids)) > 100


def test_scan_ends_at_the_border_of_the_face(neutral):
    values = synthesise(3, 25, neutral).displacement
    assert not values[:, :3].any()
    assert not values[:, -3:].any()
    assert (values[60:200, 60:196] != 0).mean() > 0.99


def test_persons_differ_and_a_person_stays(neutral):
    key = KEY_EXPRESSIONS["19_brow_raiser"]
    one, raised = (synthesise(21, 30, weights, scan=False).displacement for weights in (neutral, key))
    other = synthesise(22, 30, neutral, scan=False).displacement
    cheek = region_mask("cheek_right", 256)
    assert np.corrcoef(one[cheek], raised[cheek])[0, 1] > 0.6
    assert abs(np.corrcoef(one[cheek], other[cheek])[0, 1]) < 0.2


def test_lines_are_their_part_of_a_bare_face(neutral):
    whole = synthesise(5, 50, neutral, scan=False)
    bare = synthesise(5, 50, neutral, scan=False, erased=[stroke.id for stroke, _ in whole.lines])
    assert bare.lines == ()
    assert np.allclose(whole.displacement - bare.displacement, relief(whole.lines, 256), atol=1e-6)


def test_lines_of_a_scan_lie_where_they_are_said_to(smile):
    whole = synthesise(6, 40, smile)
    bare = synthesise(6, 40, smile, erased=[stroke.id for stroke, _ in whole.lines])
    mask = region_mask("nose", 256)
    drawn = (whole.displacement - bare.displacement)[mask]
    assert np.corrcoef(drawn, relief(whole.lines, 256)[mask])[0, 1] > 0.9


def test_an_erased_line_changes_nothing_elsewhere(smile):
    whole = synthesise(7, 60, smile)
    stroke, _ = max(whole.lines, key=lambda entry: abs(entry[0].depth_mm * entry[1]))
    less = synthesise(7, 60, smile, erased=[stroke.id])
    assert [entry for entry in whole.lines if entry[0].id != stroke.id] == list(less.lines)
    changed = np.argwhere(whole.displacement != less.displacement)[:, ::-1] + 0.5
    assert len(changed)
    dense = np.concatenate([np.linspace(a, b, 8) for a, b in zip(stroke.points[:-1], stroke.points[1:], strict=True)])
    distance = np.min(np.hypot(*(changed[:, None] - dense[None] * 256).transpose(2, 0, 1)), axis=1)
    assert distance.max() < 21 * np.sqrt(2) + 2.8 * stroke.width * 128 + 4


def test_an_added_line_is_drawn_where_it_was_put(neutral):
    points = np.stack([np.linspace(0.2, 0.3, 6), np.full(6, 0.55)], 1).astype(np.float32)
    line = Stroke("mine", points, np.ones(6, np.float32), 0.016, 0.3)
    before, after = synthesise(8, 30, neutral), synthesise(8, 30, neutral, added=[(line, 1.0)])
    assert after.lines[-1][0] is line
    depth = (after.displacement - before.displacement)[140, 64]
    assert -0.3 < depth < -0.15


def test_unknown_line_cannot_be_erased(neutral):
    with pytest.raises(ValueError, match="no line 'nothing'"):
        synthesise(8, 30, neutral, erased=["nothing"])


@pytest.mark.parametrize(
    ("seed", "age", "weights", "resolution", "reason"),
    [(-1, 30, 52, 256, "seed"), (1, np.nan, 52, 256, "age"), (1, 30, 51, 256, "52"), (1, 30, 52, 300, "resolution")],
)
def test_bad_requests_are_refused(seed, age, weights, resolution, reason):
    with pytest.raises(ValueError, match=reason):
        synthesise(seed, age, np.zeros(weights), resolution)


def test_finer_map_shows_the_same_face(smile):
    coarse = synthesise(9, 40, smile, scan=False).displacement
    fine = synthesise(9, 40, smile, 1024, scan=False).displacement
    average = fine.reshape(256, 4, 256, 4).mean((1, 3))
    assert np.abs(average - coarse)[8:-8, 8:-8].std() < 0.15 * coarse.std()
    assert (fine - enlarged(average.astype(np.float32), 1024)).std() > 0.002


def test_energy_of_every_region_rises_with_age(neutral):
    ages = (16, 27, 38, 49, 60, 70)
    masks = [region_mask(name, 256) for name in REGIONS]

    def energies(age: float) -> np.ndarray:
        maps = [synthesise(seed, age, neutral, scan=False).displacement for seed in (31, 32)]
        return np.mean([[band_rms(values, mask)[1:3].sum() for mask in masks] for values in maps], axis=0)

    energy = np.array([energies(age) for age in ages])
    assert (np.diff(energy, axis=0) > 0).all()


def test_extremes_of_dynamic_detail_enclose_the_face_at_rest():
    rest, pushed, drawn = (make(12, 45) for make in (static_map, compressed_map, stretched_map))
    for name in ("forehead", "crows_feet_left", "nasolabial_right", "chin"):
        mask = region_mask(name, 256)
        energies = [band_rms(values, mask)[1:3].sum() for values in (drawn, rest, pushed)]
        assert energies == sorted(energies)
