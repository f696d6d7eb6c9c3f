"""What a document takes of a photo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from document_samples import photo_layer

from rhytid.core.face.from_photo import taken
from rhytid.core.photo.albedo import Albedo
from rhytid.core.photo.locks import Locks
from rhytid.core.photo.photo_face import PhotoFace, Stage
from rhytid.core.photo.relief import PhotoRelief


def test_what_is_locked_the_document_keeps() -> None:
    found = PhotoFace(
        Stage.READ,
        None,  # type: ignore[arg-type]  # not looked at
        replace(photo_layer(), light=None),
        Albedo(np.full((64, 64, 3), 0.2, np.float32), np.ones((64, 64), np.float32)),
        PhotoRelief(np.zeros((64, 64), np.float32), (), np.ones((64, 64), np.float32)),
    )
    taking = taken(found, 50.0)
    assert taking.albedo is not None
    assert taking.source is not None
    kept = taken(replace(found, layer=replace(found.layer, locks=Locks(albedo=True, detail=True))), 50.0)
    assert (kept.albedo, kept.source) == (None, None)
