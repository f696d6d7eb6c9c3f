"""The edit that makes a face wear what another one shows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.document.commands import Batch, Command, SetHeadPose, WearExpression


def worn(name: str, weights: npt.NDArray[np.float32], turn: npt.NDArray[np.float32] | None) -> Command:
    """The edit of an expression (52,) that another face wears, and of the turn (3,) of its head in radians.

    Parameters
    ----------
    name : str
        Whose it is, for the label.
    turn : float32 (3,), optional
        Yaw, pitch and roll as `core.io.motion.Motion` has them; without it the head stays as it is turned.
    """
    expression = WearExpression(name, tuple(weights.tolist()))
    if turn is None:
        return expression
    return Batch((expression, SetHeadPose(*np.degrees(turn).tolist())), expression.label)
