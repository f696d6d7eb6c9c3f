"""Batches for the paper's variant of SEMM: faces, each with itself in another expression and with another's skin."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.networks.semm_config import AGE_GROUP_YEARS
from rhytid.core.training.records import Records
from rhytid.core.training.trainer import PoseSource

Int64 = npt.NDArray[np.int64]


class EditSource(PoseSource):
    """Draws from `Records` what equations 5 and 12 ask for.

    A batch has ``x, field, other_x, other_field, style_x`` (B, 256, 256), displacement in 0.1 mm and distance field;
    ``expression, other_expression`` (B, 52), ``age`` (B,), ``key_expression, other_key`` (B,) int64. *other* is a pose
    of the same person at the same age in another expression; *style* is one of another person with the same expression
    and of the same age group. Where there is none, the face itself stands for it.
    """

    def batch(self, n_pairs: int, rng: np.random.Generator) -> dict[str, npt.NDArray[Any]]:
        """Arrays of `n_pairs` faces."""
        records = self.records
        whole = np.flatnonzero(records.twin < 0)  # the others differ from one of these by one line
        faces = rng.choice(whole, n_pairs)
        others = np.array([_drawn(others_of(records, face), face, rng) for face in faces])
        styles = np.array([_drawn(styles_of(records, face), face, rng) for face in faces])
        maps = records.maps(np.concatenate([faces, others]), ("x", "df_strong"))
        return {
            "x": maps["x"][:n_pairs], "field": maps["df_strong"][:n_pairs],
            "other_x": maps["x"][n_pairs:], "other_field": maps["df_strong"][n_pairs:],
            "style_x": records.maps(styles, ("x",))["x"],
            "expression": records.expression[faces], "other_expression": records.expression[others],
            "age": records.age[faces],
            "key_expression": records.key_expression[faces], "other_key": records.key_expression[others],
        }  # fmt: skip


def others_of(records: Records, face: int) -> Int64:
    """Poses of the person of `face` at the same age in another expression."""
    low, high = np.searchsorted(records.group, records.group[face] + np.arange(2))
    near = np.arange(low, high)
    differs = (records.expression[near] != records.expression[face]).any(1)
    found: Int64 = near[(records.twin[near] < 0) & (records.age[near] == records.age[face]) & differs]
    return found


def styles_of(records: Records, face: int) -> Int64:
    """Poses of other persons with the key expression of `face` (a mixture with any) and of its age group."""
    group = np.digitize(records.age, AGE_GROUP_YEARS)
    same = (records.key_expression == records.key_expression[face]) & (group == group[face])
    return np.flatnonzero(same & (records.person != records.person[face]) & (records.twin < 0))


def _drawn(candidates: Int64, face: int, rng: np.random.Generator) -> int:
    return int(rng.choice(candidates)) if len(candidates) else int(face)
