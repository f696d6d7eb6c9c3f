"""The linter of lines: every rule has lines that break it and lines that do not, and mending takes the finding away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.detail.guide import tension_direction
from rhytid.core.detail.line_lint import Fault, findings
from rhytid.core.detail.line_mending import all_mended, mended
from rhytid.core.document.own_wrinkles import own_wrinkles
from rhytid.core.document.wrinkle_placing import Side, at_site
from rhytid.core.lines import edit, knots, reshape
from rhytid.core.lines.stroke import Binding, Onset, Profile, Stroke, Style

AGE = 40.0


def line(*points: tuple[float, float], name: str = "line", **changes: object) -> Stroke:
    """A line with ends that run out."""
    array = np.array(points, np.float64)
    return reshape.taper(Stroke(name, array, np.ones(len(array)), depth_mm=0.2, **changes))  # type: ignore[arg-type]


FOREHEAD = line((0.36, 0.10), (0.45, 0.095), (0.55, 0.095), (0.64, 0.10))
CHEEK = (0.27, 0.60)


def on_the_cheek(turn_deg: float, half: float = 0.03, **changes: object) -> Stroke:
    """A straight line turned from the direction of the skin's tension."""
    x, y = tension_direction([CHEEK])[0]
    turn = np.radians(turn_deg)
    way = np.array([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)]) * half
    return line(*[tuple((np.array(CHEEK) + t * way).tolist()) for t in (-1.0, 0.0, 1.0)], **changes)


def jagged(turns: int, high: float) -> Stroke:
    x = np.linspace(0.38, 0.62, turns + 2)
    y = 0.1 + high * (np.arange(turns + 2) % 2)
    return edit.simplify(line(*zip(x.tolist(), y.tolist(), strict=True)), 1e-5)


BROKEN: dict[str, tuple[Fault, tuple[Stroke, ...]]] = {
    "across the cheek's tension": (Fault.ACROSS, (on_the_cheek(90.0),)),
    "a forehead line deeper than any": (Fault.TOO_DEEP, (replace(FOREHEAD, depth_mm=2.5),)),
    "a ridge higher than any": (Fault.TOO_DEEP, (replace(FOREHEAD, depth_mm=-2.5),)),
    "a forehead line as broad as a fold": (Fault.TOO_WIDE, (replace(FOREHEAD, width=0.06),)),
    "a line that ends at full depth": (
        Fault.BLUNT, (replace(FOREHEAD, pressure=np.ones(len(FOREHEAD.points)), breadth=None),)),
    "two lines on top of one another": (
        Fault.DOUBLED, (FOREHEAD, replace(edit.move(FOREHEAD, (0.0, 0.002)), id="second", depth_mm=0.15))),
    "the same line pasted twice": (Fault.DOUBLED, (FOREHEAD, replace(FOREHEAD, id="second"))),
    "through the eye": (Fault.OVER_BORDER, (line((0.24, 0.33), (0.35, 0.325), (0.46, 0.33)),)),
    "over the lip": (Fault.OVER_BORDER, (line((0.38, 0.81), (0.47, 0.755), (0.53, 0.715)),)),
    "off the chart's skin": (Fault.OFF_SKIN, (line((0.005, 0.40), (0.01, 0.45), (0.008, 0.5)),)),
    "a kink": (Fault.KINKED, (line((0.40, 0.10), (0.50, 0.10), (0.42, 0.11)),)),
    "a zigzag": (Fault.KINKED, (jagged(12, 0.012),)),
    "bit-identical halves": (
        Fault.TWIN, (on_the_cheek(0.0), edit.mirror(on_the_cheek(0.0), "second"))),
}  # fmt: skip

FINE: dict[str, tuple[Stroke, ...]] = {
    "along the cheek's tension": (on_the_cheek(10.0),),
    "a scar across it": (on_the_cheek(90.0, profile=Profile.SCAR),),
    "a forehead line": (FOREHEAD,),
    "deep with its expression": (
        replace(FOREHEAD, depth_mm=0.9, binding=Binding(Onset.ACTION_UNITS, (("AU1", 1.0),))),),
    "deep at the age at which it comes": (replace(FOREHEAD, depth_mm=0.9, birth_age=52.0),),
    "a natural wrinkle runs out by itself": (
        replace(FOREHEAD, pressure=np.ones(len(FOREHEAD.points)), breadth=None, style=Style.NATURAL),),
    "two lines beside each other": (FOREHEAD, replace(edit.move(FOREHEAD, (0.0, 0.02)), id="second")),
    "one that deepens with age by steps": (FOREHEAD, replace(FOREHEAD, id="later", depth_mm=0.1, birth_age=60.0)),
    "over the eye, below the brow": (line((0.30, 0.275), (0.36, 0.27), (0.41, 0.28)),),
    "up to the lip's border": (line((0.46, 0.60), (0.461, 0.62), (0.462, 0.645)),),
    "a soft bend": (line((0.40, 0.11), (0.46, 0.10), (0.53, 0.10), (0.6, 0.112)),),
    "halves as alike as a real face's": (
        on_the_cheek(0.0), edit.mirror(on_the_cheek(0.0), "second", 0.25, seed=3)),
    "hidden": (replace(FOREHEAD, depth_mm=2.5, visible=False),),
    "measured": (replace(FOREHEAD, depth_mm=2.5, from_source=True),),
}  # fmt: skip


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_broken_rule_is_found_and_mended(name: str) -> None:
    fault, strokes = BROKEN[name]
    found = [finding for finding in findings(strokes, AGE) if finding.fault is fault]
    assert len(found) == 1
    (finding,) = found
    stroke = next(one for one in strokes if one.id == finding.stroke)
    assert knots.nearest_place(stroke, finding.at)[0] < 2e-3, "the place lies on the line"
    left = mended(strokes, finding)
    assert fault not in {one.fault for one in findings(left, AGE)}
    untouched = {one.id: one for one in strokes if one.id != finding.stroke}
    assert {one.id: one for one in left if one.id in untouched} == untouched
    assert not findings(all_mended(strokes, AGE), AGE)


@pytest.mark.parametrize("name", list(FINE))
def test_what_a_face_does_is_no_fault(name: str) -> None:
    assert findings(FINE[name], AGE) == ()


def test_youth_allows_less_than_age() -> None:
    deep = replace(FOREHEAD, depth_mm=0.8)
    assert [finding.fault for finding in findings((deep,), 25.0)] == [Fault.TOO_DEEP]
    assert findings((deep,), 65.0) == ()


def test_what_is_mended_keeps_what_it_was() -> None:
    fault, strokes = BROKEN["across the cheek's tension"]
    (turned,) = mended(strokes, findings(strokes, AGE)[0])
    assert fault is Fault.ACROSS
    assert reshape.length_of(turned) == pytest.approx(reshape.length_of(strokes[0]), rel=0.05)
    assert turned.points.mean(axis=0) == pytest.approx(CHEEK, abs=0.01)
    _, over = BROKEN["over the lip"]
    (outside,) = mended(over, findings(over, AGE)[0])
    assert outside.points[0] == pytest.approx(over[0].points[0], abs=1e-3)
    assert outside.points[:, 1].min() > 0.735


def test_the_library_has_nothing_to_mend() -> None:
    """Of pairs, chance may lay two of the fine lines under the eye on each other: one in 43 may."""
    pairs = []
    for name, wrinkles in own_wrinkles().items():
        number = iter(range(1000))
        for side in (Side.RIGHT, Side.BOTH):
            strokes = at_site(wrinkles.strokes, side, lambda: f"{next(number)}", 1.0, 0.25)  # noqa: B023
            found = [(name, finding.fault) for finding in findings(strokes, 30.0)]
            if side is Side.BOTH:
                pairs += found
            else:
                assert not found
    assert len(pairs) <= 1
