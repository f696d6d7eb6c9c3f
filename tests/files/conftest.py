"""Tests of files keep their notes to themselves."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _own_state(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("RHYTID_STATE_DIR", str(tmp_path_factory.mktemp("state") / "not there yet"))
