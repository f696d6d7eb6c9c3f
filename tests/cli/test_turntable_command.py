"""`animate` of a project's own clip, and `turntable`."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from rhytid.core.animation.clip import Clip
from rhytid.core.animation.edit import with_keys
from rhytid.core.animation.track import Key
from rhytid.core.document.state import DocumentState
from rhytid.core.face.face import Face
from rhytid.core.head.load import default_head
from rhytid.gui.cli.program import main


def keyed() -> DocumentState:
    keys = [("jawOpen", Key(0.0, 0.0)), ("jawOpen", Key(1.0, 1.0))]
    state = DocumentState(clip=with_keys(Clip(fps=4.0, end_s=1.0), keys))
    return replace(state, settings=replace(state.settings, name="procedural", generate_wrinkles=False))


def test_the_command_line_writes_clip_and_turntable(tmp_path, few_rays):
    face = Face.of(keyed(), default_head())
    face.save(tmp_path / "a.rhytid")
    common = ("--size", "96x64", "--resolution", "256")
    assert main(["animate", str(tmp_path / "a.rhytid"), str(tmp_path / "clip"), *common, "--to", "0.5"]) == 0
    assert len(list((tmp_path / "clip").glob("*.png"))) == 3
    turn = ["turntable", str(tmp_path / "a.rhytid"), str(tmp_path / "turn"), *common, "--samples", "1"]
    assert main([*turn, "--seconds", "1", "--fps", "2", "--degrees", "180"]) == 0
    front, side = (cv2.imread(str(file)) for file in sorted((tmp_path / "turn").glob("*.png")))
    assert np.abs(front.astype(int) - side).mean() > 3
    assert main(["animate", str(tmp_path / "none.rhytid"), str(tmp_path / "x")]) == 2
    Face.of(DocumentState(), default_head()).save(tmp_path / "still.rhytid")
    assert main(["animate", str(tmp_path / "still.rhytid"), str(tmp_path / "x")]) == 2
    assert not (tmp_path / "x").exists()
