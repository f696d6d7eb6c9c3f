"""The command on networks: random weights of the shipped layout stand for trained ones."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from evaluation_samples import made_scan

from rhytid.core.cli import evaluate
from rhytid.core.cli.run import run_command
from rhytid.core.evaluation.learned_models import ReadMap
from rhytid.core.training.record_shards import Group, Pose, write_index, write_shard

N_RECORDS = 6


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("onnx")
    from semm_sample import write_semm

    return write_semm(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    blank = np.zeros((256, 256), np.float32)
    groups = []
    for person in range(N_RECORDS):
        maps = {"x": made_scan(person, 0.1 + 0.05 * person) * 10, "relief": blank, "df_strong": blank, "df_all": blank}
        groups.append(Group(person, (Pose(maps, np.zeros(52, np.float32), 30.0),)))
    write_index(folder, [write_shard(folder, groups)])
    return folder


@pytest.fixture(scope="module")
def figures(scan_folder: Path, weights: Path, records: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    pytest.importorskip("torch")
    from semm_paper_sample import write_paper_semm

    folder = tmp_path_factory.mktemp("figures")
    for name in ("full", "without"):
        shutil.copytree(weights, folder / "ablations" / name / "export")
    write_paper_semm(folder / "ablations" / "paper" / "export")
    code = run_command("evaluate", evaluate, [
        "--data", str(scan_folder), "--engine", "semm", "--quick", "--workers", "1",
        "--only", "reconstruction,expression,age,ablations", "--weights", str(weights), "--records", str(records),
        "--ablations", str(folder / "ablations"), "--pictures", str(folder / "pictures"),
        "--json", str(folder / "figures.json"),
    ], {})  # fmt: skip
    assert code == 0
    found = json.loads((folder / "figures.json").read_text())
    found["pictures"] = sorted(path.name for path in (folder / "pictures").iterdir())
    return found


def test_reconstruction_has_code_lines_and_components(figures):
    rebuilt = figures["reconstruction"]
    assert set(rebuilt) == {"code", "lines", "pca"}
    for row in rebuilt.values():
        assert {"line_f1", "correlation", "ms_ssim", "band_ratios", "n", "seconds"} <= set(row)
        assert len(row["band_ratios"]) == 4
        assert row["n"] == 6
    assert rebuilt["pca"]["n_maps"] == N_RECORDS
    assert rebuilt["pca"]["n_components"] == N_RECORDS - 1
    # Records have the same lines at other depths, so their components know the scans' lines.
    assert rebuilt["pca"]["correlation"] > 0.8
    assert figures["baselines"]["reconstruction"]["stamped"]["correlation"] > 0.5


def test_the_engine_of_the_network_is_scored(figures):
    assert figures["engines"] == {"semm": "ok"}
    assert set(figures["expression"]) == {"semm", "keep_source"}
    assert figures["expression"]["semm"]["energy_change_correlation"] != 0
    assert figures["age"]["engine"] == "semm"
    assert figures["age"]["unchanged"] is True


def test_ablations_are_scored_by_name(figures):
    assert set(figures["ablations"]) == {"full", "without", "paper"}
    full = figures["ablations"]["full"]
    for key in ("line_f1", "correlation", "ms_ssim"):
        assert full["reconstruction"]["code"][key] == pytest.approx(figures["reconstruction"]["code"][key])
        assert full["expression"][key] == pytest.approx(figures["expression"]["semm"][key])
    assert figures["ablations"]["without"]["reconstruction"] == full["reconstruction"]


def test_the_paper_s_variant_is_scored_beside_the_others(figures):
    paper, full = figures["ablations"]["paper"], figures["ablations"]["full"]
    assert set(paper["reconstruction"]) == {"code"}  # it paints no lines
    for part in ("expression", "decoded_expression"):
        assert set(paper[part]) == set(full[part])
        assert paper[part]["n"] == full[part]["n"] > 0
        assert paper[part]["energy_change_correlation"] != 0
    # Random networks decode no face; the editor keeps the scan whatever is decoded.
    assert paper["expression"]["ms_ssim"] > paper["decoded_expression"]["ms_ssim"]


def test_pictures(figures):
    assert figures["pictures"] == ["age_semm.png", "expression.png", "reconstruction.png"]


def test_a_map_is_read_with_its_lines():
    scan = made_scan(3, 0.3)
    read = ReadMap(scan)
    assert len(read.lines) >= len(read.strong) >= 2
    assert np.corrcoef(read.stamped.ravel(), scan.ravel())[0, 1] > 0.5


def test_folders_without_weights_are_refused(scan_folder, tmp_path, capsys):
    argv = ["--data", str(scan_folder), "--only", "ablations", "--workers", "1", "--ablations", str(tmp_path)]
    assert run_command("evaluate", evaluate, argv, {}) == 2
    assert "semm.json" in capsys.readouterr().err
