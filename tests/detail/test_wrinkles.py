"""Generated wrinkles: stable, anatomical, and in the order in which faces age."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from band_samples import region_energy

from rhytid.core.detail.sites import SITES_PATH, WrinkleSitesError, load_sites, wrinkle_sites
from rhytid.core.detail.wrinkles import generated_strokes, natural_wrinkles
from rhytid.core.lines.stroke import Onset, Profile, Style
from rhytid.core.maps.bands import REGIONS

SEEDS = (1, 2, 7)


def strokes_of(site, seed=1):
    """Strokes of a site of the right half or the middle, or of the left with ``-l`` at the end."""
    pattern = re.compile(rf"p{seed}-{site}(-r)?-\d+[a-d]-")
    return [stroke for stroke in generated_strokes(seed) if pattern.match(stroke.id)]


def test_ids_are_unique_and_stable():
    first = generated_strokes(4)
    generated_strokes.cache_clear()
    again = generated_strokes(4)
    assert first == again
    assert len({stroke.id for stroke in first}) == len(first)
    assert not {s.id for s in first} & {s.id for s in generated_strokes(5)}


@pytest.mark.parametrize("seed", SEEDS)
def test_strokes_are_sane(seed):
    strokes = generated_strokes(seed)
    assert len(strokes) > 20
    for stroke in strokes:
        assert (stroke.points > -0.02).all()
        assert (stroke.points < 1.02).all()
        assert 0.003 < stroke.width < 0.05
        assert 0 < abs(stroke.depth_mm) < 1.2
        assert (stroke.pressure >= 0).all()
        assert (stroke.pressure <= 1).all()
        assert stroke.birth_age < 70


@pytest.mark.parametrize(
    ("site", "angle_deg"),
    [("forehead", 0), ("glabella", 90), ("nasal-root", 0), ("crows-feet", 0), ("upper-lip", 90), ("neck", 0)],
)
def test_lines_run_across_the_fibres(site, angle_deg):
    """Across frontalis and procerus horizontal, across corrugator and orbicularis oris vertical."""
    angles = []
    for seed in SEEDS:
        for stroke in strokes_of(site, seed):
            dx, dy = stroke.points[-1] - stroke.points[0]
            angles.append(np.exp(2j * np.arctan2(dy, dx)))
    mean = np.rad2deg(np.angle(np.mean(angles)) / 2)
    assert min(abs(mean - angle_deg), 180 - abs(mean - angle_deg)) < 25


def test_sides_differ_but_not_in_kind():
    right = [s for s in strokes_of("crows-feet") if s.id.endswith("e1")]
    left = [s for s in strokes_of("crows-feet-l") if s.id.endswith("e1")]
    assert abs(len(right) - len(left)) <= 4
    mirrored = 2 * 0.499 - left[0].points[:, 0]
    assert not np.allclose(right[0].points[: len(mirrored), 0], mirrored[: len(right[0].points)], atol=1e-3)
    assert all("AU6R" in dict(s.binding.weights) for s in right)
    assert all("AU6L" in dict(s.binding.weights) for s in left)


def test_fold_bulges_towards_the_cheek():
    """The bulge of a fold lies left of its direction; on either side that must be the outer one."""
    for site, outwards in (("nasolabial", -1), ("nasolabial-l", 1)):
        assert strokes_of(site)
        for stroke in strokes_of(site):
            if stroke.id.split("-")[-2].endswith("b"):
                continue  # a side branch
            assert stroke.profile is Profile.FOLD
            dx, dy = stroke.points[-1] - stroke.points[0]
            left_of_direction = np.array([dy, -dx])  # x right, y down
            assert np.sign(left_of_direction[0]) == outwards


@pytest.mark.parametrize("seed", SEEDS)
def test_every_region_gains_energy_with_age(make_request, pipeline, seed):
    ages = (20, 34, 48, 62)
    energies = [region_energy(pipeline.run(make_request(age=age, seed=seed)).displacement) for age in ages]
    for name in REGIONS:
        values = [energy[name] for energy in energies]
        assert values == sorted(values), (name, values)
        assert values[-1] > 1.2 * values[0], name


def test_order_of_onset():
    """Forehead and crow's feet, then infraorbital, then marionette and perioral, then neck and cheeks."""

    sites = ("forehead", "crows-feet", "glabella", "infraorbital", "marionette", "upper-lip", "cheek", "jowl")
    births = {site: [] for site in sites}
    for seed in range(1, 11):
        for site in sites:
            ages = [s.birth_age for s in strokes_of(site, seed) if s.binding.onset is Onset.ALWAYS]
            births[site].append(min(ages, default=80.0))
    onset = {site: np.median(ages) for site, ages in births.items()}
    first = max(onset["forehead"], onset["crows-feet"], onset["glabella"])
    assert first < onset["infraorbital"] < min(onset["marionette"], onset["upper-lip"])
    assert max(onset["infraorbital"], onset["marionette"]) < min(onset["cheek"], onset["jowl"])


@pytest.mark.parametrize(
    ("units", "own", "other"),
    [
        ({"AU1": 1, "AU2": 1, "AU2L": 1, "AU2R": 1}, ["forehead"], ["chin", "cheek_right", "nose"]),
        ({"AU4": 1, "AU4L": 1, "AU4R": 1}, ["glabella"], ["chin", "cheek_left", "upper_lip"]),
        ({"AU6": 1, "AU6L": 1, "AU6R": 1}, ["crows_feet_left", "crows_feet_right", "infraorbital_left"],
         ["forehead", "chin", "upper_lip"]),
        ({"AU12": 1, "AU12L": 1, "AU12R": 1}, ["nasolabial_left", "nasolabial_right"], ["forehead", "glabella"]),
        ({"AU12": 0.5, "AU12R": 1}, ["nasolabial_right"], ["nasolabial_left", "cheek_left", "forehead"]),
        ({"AU18": 1}, ["upper_lip"], ["forehead", "cheek_right"]),
        ({"AU17": 1}, ["chin"], ["forehead", "nose"]),
    ],
)  # fmt: skip
def test_action_units_raise_their_own_regions(make_request, pipeline, units, own, other):
    rest = pipeline.run(make_request(age=30)).displacement
    moved = pipeline.run(make_request(age=30, action_units=units)).displacement
    before, after, added = region_energy(rest), region_energy(moved), region_energy(moved - rest)
    for name in own:
        assert after[name] > 1.03 * before[name], (name, after[name] / before[name])
        assert added[name] > 0.005, (name, added[name])
    for name in other:
        assert added[name] < 0.1 * min(added[name] for name in own), name


def test_young_skin_at_rest_has_no_wrinkles(make_request, pipeline):
    energy = region_energy(pipeline.run(make_request(age=18)).displacement)
    assert max(energy["forehead"], energy["glabella"], energy["crows_feet_left"]) < 0.016


def test_sites_file_is_complete():
    sites = {site.id for site in wrinkle_sites()}
    assert {
        "forehead", "glabella", "bunny", "crows-feet", "infraorbital", "nasolabial", "marionette", "upper-lip", "chin",
        "neck", "cheek", "dimple", "tear-trough", "lid-crease", "philtrum", "alar-groove",
    } <= sites  # fmt: skip


def test_sites_name_known_action_units():
    from rhytid.core.document.action_units import action_unit_table

    known = action_unit_table().by_name
    for site in wrinkle_sites():
        for name, weight in site.action_units:
            for side in ("R", "L") if name.endswith("*") else ("",):
                assert name.replace("*", side) in known, (site.id, name)
            assert 0 < weight <= 1


def document():
    return json.loads(SITES_PATH.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.update(version=2),
        lambda d: d.update(sites={}),
        lambda d: d["sites"][0].pop("guides"),
        lambda d: d["sites"][0].update(guides=[[[0.1, 0.2]]]),
        lambda d: d["sites"][0].update(profile="zigzag"),
        lambda d: d["sites"][0].update(width=[0.2, 0.1]),
        lambda d: d["sites"].append(d["sites"][0]),
    ],
)
def test_bad_site_files_are_refused_by_name(tmp_path, spoil):
    spoiled = document()
    spoil(spoiled)
    path = tmp_path / "sites.json"
    path.write_text(json.dumps(spoiled), encoding="utf-8")
    with pytest.raises(WrinkleSitesError, match=r"sites\.json"):
        load_sites(path)


def test_missing_and_broken_site_files(tmp_path):
    with pytest.raises(WrinkleSitesError, match="cannot be read"):
        load_sites(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    with pytest.raises(WrinkleSitesError, match="no valid JSON"):
        load_sites(tmp_path / "bad.json")


def test_cheek_lines_are_few_fine_and_curved_and_run_together_downwards():
    """Of an old cheek one sees arcs about the corner of the mouth, not parallel cuts."""
    bent = []
    for seed in range(1, 11):
        lines = [s for s in strokes_of("cheek-r", seed) if s.binding.onset is Onset.ALWAYS]
        assert len({s.id.rsplit("-", 1)[0].rstrip("abcd") for s in lines}) <= 3
        for line in lines:
            assert line.width < 0.011
            assert line.depth_mm < 0.3
            along = line.points[-1] - line.points[0]
            middle = line.points[len(line.points) // 2] - line.points[0]
            sag = (along[0] * middle[1] - along[1] * middle[0]) / np.hypot(*along)
            bent.append(sag / np.hypot(*along))
    assert np.median(np.abs(bent)) > 0.03
    site = next(site for site in wrinkle_sites() if site.id == "cheek")
    above, below = ([guide[end] for guide in site.guides] for end in (0, -1))
    assert np.ptp(below, axis=0)[0] < 0.6 * np.ptp(above, axis=0)[0]


def test_on_the_face_all_stages_of_a_line_are_one_natural_wrinkle_and_what_networks_learned_from_stays():
    plain, natural = generated_strokes(3), natural_wrinkles(3)
    for before, after in zip(plain, natural, strict=True):
        assert before.style is Style.AS_DRAWN
        assert after == replace(before, style=Style.NATURAL, seed=after.seed)
    seeds: dict[str, set[int]] = {}
    for stroke in natural:
        seeds.setdefault(stroke.id.rpartition("-")[0], set()).add(stroke.seed)
    assert all(len(found) == 1 for found in seeds.values())
    assert len(set().union(*seeds.values())) == len(seeds)
