"""Engines of other packages: the manual's example at work, and every way in which one can fail."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rhytid.core.cancelled import Cancelled
from rhytid.core.detail.engine import EngineInfo, UnknownEngineError
from rhytid.core.detail.engines import GROUP, Engines
from rhytid.core.detail.procedural import ProceduralEngine
from rhytid.core.detail.request import EngineSettings, SourceDetail, displacement_digest
from rhytid.core.document.commands import ImportSource
from rhytid.core.document.state import DocumentState
from rhytid.core.face.detail_maker import DetailMaker
from rhytid.core.face.face import Face
from rhytid.core.files.failure_log import log_path
from rhytid.core.head.load import default_head
from rhytid.core.resources import resource

SIDE = 64
EXAMPLE = re.search(r'```\n(""".*?)```', resource("help", "own-engine.md").read_text("utf-8"), re.DOTALL).group(1)
Install = Callable[..., Engines]


@pytest.fixture(autouse=True)
def own_log(tmp_path, monkeypatch):
    monkeypatch.setenv("RHYTID_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def install(tmp_path, monkeypatch) -> Install:
    """Install modules as a package with entry points; gives engines that find them."""
    told: list[str] = []

    def install(points: dict[str, str], **modules: str) -> Engines:
        place = tmp_path / "site"
        info = place / "folds-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: folds\nVersion: 1.0\n", "utf-8")
        lines = "".join(f"{name} = {value}\n" for name, value in points.items())
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{lines}", "utf-8")
        for name, text in modules.items():
            (place / f"{name}.py").write_text(text, "utf-8")
            monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.syspath_prepend(str(place))
        engines = Engines([EngineInfo("own", "Own", "", ProceduralEngine)], GROUP)
        engines.on_broken = told.append
        install.told = told
        return engines

    return install


def state_of(name: str, **changes) -> DocumentState:
    return replace(DocumentState(), settings=EngineSettings(name), **changes)


def maps_of(engines: Engines, state: DocumentState) -> np.ndarray:
    return DetailMaker(engines).maps(state, default_head(), SIDE).displacement


def test_the_example_is_as_long_as_it_should_be():
    assert 30 <= len(EXAMPLE.splitlines()) <= 45


def test_the_example_of_the_manual_draws_poses_and_takes_lines(install):
    engines = install({"folds": "folds:INFO"}, folds=EXAMPLE)
    assert "folds" not in {info.name for info in engines.infos()}, "its code does not run before somebody asks"
    assert engines.reason_so_far("folds") is None
    assert engines.reasons() == {"own": "", "procedural": "", "folds": ""}
    assert engines.title("folds") == "Folds"
    plain = replace(state_of("folds"), settings=EngineSettings("folds", generate_wrinkles=False))
    young, old = maps_of(engines, plain), maps_of(engines, replace(plain, age=70.0))
    assert young.max() == pytest.approx(0.01 + 0.0005 * 14, rel=0.05)
    assert (old == young * np.float32(0.037 / 0.017)).all() or np.allclose(old, young * 0.037 / 0.017, atol=1e-6)
    brow = replace(plain, action_units=(("AU1", 1.0),))
    assert maps_of(engines, brow).max() > young.max() + 0.015
    values = np.random.default_rng(1).normal(0, 0.02, (SIDE, SIDE)).astype(np.float32)
    values.setflags(write=False)
    source = SourceDetail(values, (0.0,) * 52, 30.0, "map", (), displacement_digest(values))
    worn = ImportSource(source).apply(replace(plain, age=30.0))
    assert maps_of(engines, worn).tobytes() == values.tobytes()
    assert np.allclose(maps_of(engines, replace(worn, age=70.0)), values * (0.037 / 0.017), atol=1e-6)
    assert install.told == []


def test_a_face_uses_it_and_keeps_its_name_in_projects(install, tmp_path):
    engines = install({"folds": "folds:INFO"}, folds=EXAMPLE)
    face = Face(engines=engines)
    face.engine = "folds"
    expected = face.maps(SIDE).displacement
    face.save(tmp_path / "face.rhytid")
    again = Face(tmp_path / "face.rhytid", engines)
    assert again.engine == "folds"
    assert again.maps(SIDE).displacement.tobytes() == expected.tobytes()
    report = face.export(tmp_path / "out", what={"displacement"}, resolution=1024)
    assert "displacement" in {file.kind for file in report.files}


BROKEN = {
    "raises": ("return folds * np.float32(self.depth_mm(pose) * pose.settings.strength)", "raise KeyError('nose')"),
    "wrong size": ("resolution, axis=1)", "resolution + 1, axis=1)"),
    "wrong type": ("return folds * np.float32(self.depth_mm(pose) * pose.settings.strength)", "return folds * 1.0j"),
    "not finite": ("return folds * np.float32(", "return folds * np.float32('nan') * np.float32("),
    "nothing": ("return folds * np.float32(self.depth_mm(pose) * pose.settings.strength)", "return None"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_one_that_fails_while_it_draws_gives_way_once_and_with_a_reason(install, what):
    assert BROKEN[what][0] in EXAMPLE
    engines = install({"folds": "folds:INFO"}, folds=EXAMPLE.replace(*BROKEN[what]))
    expected = maps_of(engines, state_of("procedural"))
    assert maps_of(engines, state_of("folds")).tobytes() == expected.tobytes()
    assert maps_of(engines, state_of("folds", age=60.0)).tobytes() != expected.tobytes()
    assert len(install.told) == 1
    assert "Folds" in install.told[0]
    assert "procedural engine" in install.told[0]
    assert engines.reason_so_far("folds")
    assert "Traceback" in log_path().read_text("utf-8")
    if what == "raises":
        assert "nose" in install.told[0]


def test_a_face_and_its_export_go_on_without_one_that_fails(install, tmp_path):
    engines = install({"folds": "folds:INFO"}, folds=EXAMPLE.replace(*BROKEN["raises"]))
    face = Face.of(state_of("folds"), default_head(), engines)
    report = face.export(tmp_path / "out", what={"displacement"}, resolution=1024)
    assert "displacement" in {file.kind for file in report.files}
    assert face.engine == "folds", "the project keeps its setting"
    assert len(install.told) == 1


def test_cancelling_and_errors_of_progress_are_not_its_fault(install):
    engines = install({"folds": "folds:INFO"}, folds=EXAMPLE)
    maker, asked = DetailMaker(engines), []

    def cancel() -> bool:
        asked.append(True)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        maker.maps(state_of("folds"), default_head(), SIDE, cancel=cancel)

    def progress(share: float) -> None:
        if share > 0.2:
            raise RuntimeError("the window is gone")

    with pytest.raises(RuntimeError, match="window is gone"):
        maker.maps(state_of("folds"), default_head(), SIDE, progress=progress)
    assert engines.reason_so_far("folds") == ""
    assert install.told == []


def test_one_that_swallows_its_cancellation_is_not_blamed(install):
    text = EXAMPLE.replace("control(0.5)", "exec('try: control(0.5)\\nexcept Exception: raise KeyError from None')")
    engines = install({"folds": "folds:INFO"}, folds=text)
    stop = threading.Event()

    def cancel() -> bool:
        seen.append(True)
        return len(seen) > 2 or stop.is_set()

    seen: list[bool] = []
    with pytest.raises(Cancelled):
        DetailMaker(engines).maps(state_of("folds"), default_head(), SIDE, cancel=cancel)
    assert engines.reason_so_far("folds") == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [("import nowhere_at_all", "nowhere_at_all"), ("raise SystemExit(3)", "SystemExit"), ("INFO = 3", "TypeError"),
     ("", "INFO"), ("from rhytid import EngineInfo\nINFO = lambda: EngineInfo('Not a name', 'T', '', print)", "name")],
)  # fmt: skip
def test_an_entry_point_that_cannot_be_used_is_told_and_grey(install, text, reason):
    engines = install({"folds": "folds:INFO"}, folds=text)
    assert reason in engines.reasons()["folds"]
    assert engines.reasons()["own"] == ""
    assert len(engines.remarks) == 1
    assert "folds" in engines.remarks[0]
    assert engines.runnable(EngineSettings("folds")).name == "procedural"


def test_a_name_that_is_taken_stays_with_the_first(install):
    engines = install({"folds": "folds:INFO"}, folds=EXAMPLE.replace('"folds"', '"own"'))
    assert engines.reasons() == {"own": "", "procedural": ""}
    assert type(engines.get("own")) is ProceduralEngine
    assert "there is one of that name" in engines.remarks[0]


def test_a_function_may_give_it_and_one_that_cannot_be_made_says_why(install):
    text = EXAMPLE.replace("INFO = EngineInfo(", "INFO = lambda: EngineInfo(")
    made = "class Folds(EngineBase):\n    def __init__(self, cache):\n        open('/no/such')\n"
    text = text.replace("class Folds(EngineBase):", made)
    engines = install({"folds": "folds:INFO"}, folds=text)
    assert "/no/such" in engines.reason_against("folds")
    assert engines.runnable(EngineSettings("folds")).name == "procedural"


def test_nobody_asks_for_it_by_asking_for_the_programs_own(install):
    engines = install({"folds": "folds:INFO"}, folds="raise AssertionError('imported')")
    assert engines.reason_against("own") == ""
    assert engines.reasons_so_far() == {"own": "", "procedural": ""}
    assert engines.runnable_so_far(EngineSettings("folds")) is None
    with pytest.raises(UnknownEngineError, match="procedural"):
        engines.get("mystery")
    assert engines.reason_so_far("mystery"), "now all were looked for"


def test_a_slow_one_keeps_only_those_waiting_who_ask_for_it(install):
    engines = install({"folds": "folds:INFO"}, folds="import time\ntime.sleep(1.5)\n" + EXAMPLE)
    look = threading.Thread(target=engines.reasons)
    look.start()
    assert engines.reason_so_far("folds") is None
    assert engines.runnable_so_far(EngineSettings("own")) is not None or engines.reason_against("own") == ""
    assert engines.reason_so_far("folds") is None
    assert look.is_alive()
    look.join()
    assert engines.reason_so_far("folds") == ""


def test_an_engine_is_made_once_by_many_threads():
    made: list[Path] = []

    def make(cache):
        made.append(cache)
        return ProceduralEngine(cache)

    engines, go = Engines([EngineInfo("own", "Own", "", make)]), threading.Barrier(6)
    got: list[object] = []
    threads = [threading.Thread(target=lambda: (go.wait(), got.append(engines.get("own")))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len(set(map(id, got))) == 1
    assert made[0] is engines.cache
