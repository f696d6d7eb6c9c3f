"""A registered head laid onto the default head anew, as pins say: what a person who sets pins looks at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from rhytid.core.head.head import Head
from rhytid.core.head.pins import HeadPin
from rhytid.core.head.register import register


def refitted(
    head: Head, reference: Head, pins: Sequence[HeadPin], progress: Callable[[float], None] = lambda _share: None
) -> Head:
    """The head with chart, landmarks and residual of a fit by pins; its shapes and its digest are still the old ones.

    Parameters
    ----------
    head : Head
        One that was registered.
    reference : Head
    pins : sequence of HeadPin
        None of them: as the fit finds it by itself.
    progress : callable
        Gets the share that is done, 0..1; may raise to stop.
    """
    known = head.landmarks
    found = register(
        head.neutral[: head.n_skin], head.skin_triangles, known, reference, progress=progress, pins=pins, find=True
    )
    return replace(
        head,
        chart=found.chart,
        detail_weight=found.detail_weight,
        landmarks=found.landmarks,
        residual_mm=found.fit.where.distance.astype(np.float32),
    )
