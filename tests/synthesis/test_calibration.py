from __future__ import annotations

import json

import numpy as np
import pytest

from rhytid.core.arkit import expression_array
from rhytid.core.maps.bands import REGIONS, region_mask
from rhytid.core.synthesis import KEY_EXPRESSIONS, synthesise
from rhytid.core.synthesis.calibrate import region_log_rms, targets
from rhytid.core.synthesis.calibration import PATH, CalibrationError, calibration, fields, read_calibration

NAMES = list(REGIONS)


def test_key_expressions_get_the_change_of_their_row():
    table = calibration()
    for number, weights in list(enumerate(KEY_EXPRESSIONS.values()))[1:]:
        asked = np.clip(table.change[number], -1.5, 2.2)
        assert np.corrcoef(table.expression_change(weights).ravel(), asked.ravel())[0, 1] > 0.8
    assert np.abs(table.expression_change(KEY_EXPRESSIONS["1_neutral"])).max() < 1e-9


def test_one_sided_movement_stays_on_its_side():
    change = calibration().expression_change(expression_array({"cheekSquintRight": 1, "mouthSmileRight": 0.5}))
    both = calibration().expression_change(
        expression_array({"cheekSquintRight": 1, "mouthSmileRight": 0.5, "cheekSquintLeft": 1, "mouthSmileLeft": 0.5})
    )
    right, left = NAMES.index("nasolabial_right"), NAMES.index("nasolabial_left")
    assert np.abs(change[right]).sum() > 1.5 * np.abs(change[left]).sum()
    assert np.abs(both[left]).sum() > np.abs(change[left]).sum()


def test_fields_have_the_gains_of_the_regions():
    gains = np.zeros((13, 1))
    gains[NAMES.index("chin")] = 1.0
    field = fields(gains)[0]
    assert field[region_mask("chin", 256)].mean() > 2
    assert field[region_mask("forehead", 256)].mean() < 1.1


@pytest.mark.parametrize(
    ("text", "reason"),
    [("{", "no valid JSON"), ("[]", "no table"), ('{"rest": [[1]]}', "no table"), ("NaN", "no valid JSON")],
)
def test_damaged_table_is_named_with_the_remedy(tmp_path, text, reason):
    path = tmp_path / "calibration.json"
    path.write_text(text)
    with pytest.raises(CalibrationError, match=f"calibration.json: .*{reason}.*core.synthesis.calibrate"):
        read_calibration(path)


def test_missing_and_misshapen_tables_are_refused(tmp_path):
    with pytest.raises(CalibrationError, match="cannot be read"):
        read_calibration(tmp_path / "none.json")
    document = json.loads(PATH.read_text())
    document["rest"] = document["rest"][:5]
    (tmp_path / "short.json").write_text(json.dumps(document))
    with pytest.raises(CalibrationError, match="rest must be finite numbers of shape"):
        read_calibration(tmp_path / "short.json")


def test_mean_face_is_as_rough_as_the_figures_say():
    """Few persons, so only the mean over regions is held; synthesis-report measures each region."""
    masks = [region_mask(name, 256) for name in REGIONS]
    target = targets()[0]
    poses = [list(KEY_EXPRESSIONS.values())[key] for key in (0, 3)]
    made = np.mean(
        [[region_log_rms(synthesise(100 + i, 25, weights).displacement, masks) for weights in poses] for i in range(5)],
        axis=0,
    )
    for found, key in zip(made, (0, 3), strict=True):
        assert np.abs((found - target[key]).mean(0)[:3]).max() < 0.3
