"""Records of synthetic persons: what a group holds, and that a seed fixes every number of it."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.training.record_shards import Group
from rhytid.core.training.synthetic_groups import LEAST_AGE_STEP, synthetic_group


@pytest.fixture(scope="module")
def group() -> Group:
    return synthetic_group(2)


def test_a_group_is_one_person_in_several_poses(group: Group) -> None:
    neutral, first, second, aged, less = group.poses
    assert neutral.key_expression == 0
    assert not neutral.expression.any()
    assert first.expression.any()
    assert second.expression.any()
    assert neutral.age == first.age == second.age
    assert abs(aged.age - neutral.age) >= LEAST_AGE_STEP
    assert 16 <= aged.age <= 70
    assert any(np.array_equal(aged.expression, pose.expression) for pose in (first, second))
    assert 0 <= less.twin < 4


def test_the_twin_differs_near_one_line_only(group: Group) -> None:
    less = group.poses[4]
    more = group.poses[less.twin]
    assert np.array_equal(less.expression, more.expression)
    assert less.age == more.age
    changed = np.abs(less.maps["x"] - more.maps["x"]) > 1e-3
    assert 0.0005 < changed.mean() < 0.1


def test_maps_are_what_networks_expect(group: Group) -> None:
    for pose in group.poses:
        assert all(np.isfinite(values).all() for values in pose.maps.values())
        assert 0.2 < pose.maps["x"].std() < 3
        assert (pose.maps["df_all"] <= pose.maps["df_strong"]).all()
        assert pose.maps["df_all"].min() >= 0
        assert pose.maps["df_strong"].max() == 1
        # The relief of the lines holds a good part of the map.
        assert np.corrcoef(pose.maps["relief"].ravel(), pose.maps["x"].ravel())[0, 1] > 0.4


def test_a_seed_fixes_every_number(group: Group) -> None:
    again = synthetic_group(2)
    for pose, same in zip(group.poses, again.poses, strict=True):
        assert (pose.age, pose.key_expression, pose.twin) == (same.age, same.key_expression, same.twin)
        for name, values in pose.maps.items():
            np.testing.assert_array_equal(values, same.maps[name])
