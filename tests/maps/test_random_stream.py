"""Random numbers that must be the same on every machine: saved faces and strokes hang on them."""

from __future__ import annotations

import numpy as np

from rhytid.core.maps.random_stream import RandomStream


def test_the_stream_of_an_identity_is_the_known_one():
    known = [0x833288A84D48EDBE, 0x4AD1CA6ED8B90A17, 0xF5F5673AEFE1DFAC]
    assert RandomStream(5, 7).words(3).tolist() == known


def test_numbers_of_one_stream_go_on_whether_drawn_alone_or_together():
    one, two = RandomStream(1, 2), RandomStream(1, 2)
    together = two.uniform(5)
    assert [one.draw() for _ in range(5)] == together.tolist()
    assert one.draw() == two.draw()
    assert len(RandomStream(1).words(0)) == 0


def test_normal_numbers_are_normal():
    values = RandomStream(3).normal(100_001)
    assert values.shape == (100_001,)
    assert abs(values.mean()) < 0.01
    assert abs(values.std() - 1) < 0.01
    assert abs(np.mean(np.abs(values) < 1) - 0.6827) < 0.005
