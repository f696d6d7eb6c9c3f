"""Numbers as they are typed."""

import pytest

from rhytid.gui.widgets.slider_row import SliderRow
from rhytid.gui.widgets.typed_value import typed_value


@pytest.mark.parametrize(("text", "unit", "wanted"), [
    ("1.2", "mm", 1.2), ("1,2 mm", "mm", 1.2), ("200 um", "mm", 0.2), ("200\u00b5m", "mm", 0.2), ("0.1cm", "mm", 1.0),
    ("-0.3", "mm", -0.3), ("\u22120.3", "mm", -0.3), ("60 years", "years", 60.0), ("30 deg", "\u00b0", 30.0),
    ("+10%", "mm", 2.2), ("-50%", "mm", 1.0), ("40%", "%", 40.0), ("+=0.5", "mm", 2.5), ("-=500um", "mm", 1.5),
    ("*2", "mm", 4.0), ("/4", "", 0.5), (".5", "", 0.5), ("1e-1", "", 0.1),
])  # fmt: skip
def test_what_is_meant(text, unit, wanted):
    assert typed_value(text, 2.0, unit) == pytest.approx(wanted)


@pytest.mark.parametrize("text", [
    "", "mm", "1.2 kg", "10%", "/0", "*2 mm", "nan", "1 2", "1e999", "=2*3", "1mm", "\u0661x"])  # fmt: skip
def test_what_means_nothing_is_refused(text):
    assert typed_value(text, 2.0, "") is None


def test_a_slider_takes_units_and_stays_within_its_range(show):
    row = show(SliderRow("Depth", -1.5, 1.5, 0.25, suffix=" mm", decimals=2), 40)
    entered: list[float] = []
    row.value_entered.connect(entered.append)
    row.set_number(0.5)
    for text in ("300 um", "+10%", "9 mm"):
        assert row.enter(text)
    assert not row.enter("soft")
    assert entered == pytest.approx([0.3, 0.55, 1.5])
