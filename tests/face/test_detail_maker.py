"""From a state to its maps where the engines fail."""

from __future__ import annotations

import pytest

from rhytid.core.detail.engine import EngineFailed
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.procedural import ProceduralEngine
from rhytid.core.document.state import DocumentState
from rhytid.core.face.detail_maker import DetailMaker
from rhytid.core.head.load import default_head
from rhytid.core.learned.weights import WeightsError


def test_failure_of_the_engine_that_steps_in_for_all_others_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def surface(*_arguments: object) -> None:
        raise WeightsError("damaged")

    monkeypatch.setattr(ProceduralEngine, "surface", surface)
    with pytest.raises(EngineFailed, match="damaged"):
        DetailMaker(Engines()).maps(DocumentState(), default_head(), 64)
