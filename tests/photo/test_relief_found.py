"""What the shipped network finds in photographs of synthetic people it never saw, and what it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.lines.extract import extract_lines
from rhytid.core.photo.features import detail_features
from rhytid.core.photo.relief import ReliefReader, kept_lines, seen_well
from rhytid.core.synthesis import KEY_EXPRESSIONS, synthesise
from rhytid.core.synthesis.photo_shading import chart_picture

SEEDS = (900001, 900002, 900003, 900004)  # of people and pictures; records have others


@pytest.fixture(scope="module")
def reader() -> ReliefReader:
    return ReliefReader.load()


@pytest.fixture(scope="module")
def people() -> list[np.ndarray]:
    expressions = list(KEY_EXPRESSIONS.values())
    poses = [(50 + 5 * i, expressions[1 + 3 * i]) for i in range(len(SEEDS))]
    return [synthesise(seed, *pose).displacement for seed, pose in zip(SEEDS, poses, strict=True)]


def read(reader: ReliefReader, relief: np.ndarray, seed: int, darkening: float):
    picture = chart_picture(relief, np.random.default_rng(seed), darkening=darkening)
    features = detail_features(picture.rgb, picture.normal, picture.position, picture.light, picture.weight)
    return *reader.read(features), picture.weight


def alike(one: np.ndarray, other: np.ndarray, weight: np.ndarray) -> float:
    seen = weight > 0.5
    return float(np.corrcoef(one[seen], other[seen])[0, 1])


@pytest.mark.parametrize(("darkening", "least"), [(0.0, 0.25), (1.1, 0.45)])
def test_the_relief_is_the_persons_and_nobody_elses(reader, people, darkening, least):
    found = [read(reader, relief, seed, darkening) for relief, seed in zip(people, SEEDS, strict=True)]
    own = [alike(made, relief, weight) for (made, _, weight), relief in zip(found, people, strict=True)]
    others = [*people[1:], people[0]]
    strange = [alike(made, relief, weight) for (made, _, weight), relief in zip(found, others, strict=True)]
    assert np.mean(own) > least
    assert np.mean(strange) < min(0.2, 0.5 * np.mean(own))  # what all faces have in common


def test_colour_alone_is_no_relief(reader, people):
    """Moles, freckles, stubble, make-up and hair on skin without relief, beside the same on skin with it."""
    flat, wrinkled, lines_of_flat, lines_of_wrinkled = [], [], 0.0, 0.0
    for relief, seed in zip(people, SEEDS, strict=True):
        for depth in (0, 1):
            made, likelihood, weight = read(reader, depth * relief, seed, 0.0)
            confidence = seen_well(weight)
            lines = kept_lines(extract_lines(made * confidence), likelihood, confidence)
            length = sum(float(np.linalg.norm(np.diff(line.points, axis=0), axis=1).sum()) for line in lines)
            (wrinkled if depth else flat).append(float(np.sqrt((made[weight > 0.5] ** 2).mean())))
            lines_of_wrinkled += depth * length
            lines_of_flat += (1 - depth) * length
    assert np.mean(flat) < 0.02  # mm
    assert np.mean(wrinkled) > 2 * np.mean(flat)
    assert lines_of_flat < 0.2 * lines_of_wrinkled


def test_two_asked_alike_answer_alike(reader, people):
    first, second = (read(reader, people[0], 1, 0.5) for _ in range(2))
    np.testing.assert_array_equal(first[0], second[0])
