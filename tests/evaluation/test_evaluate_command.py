"""The command from its arguments to table and JSON, on made-up scans."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from rhytid.core.cli import evaluate
from rhytid.core.cli.run import run_command
from rhytid.core.evaluation.tasks import Setup, Workers, context_of


def command(*argv: str) -> int:
    return run_command("evaluate", evaluate, argv, {})


@pytest.fixture(scope="module")
def told(scan_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, str]:
    """Figures in the file, and what is printed."""
    folder = tmp_path_factory.mktemp("figures")
    only = "expression,drawing,erasing,locality,age"
    with redirect_stdout(io.StringIO()) as printed:
        code = command(
            "--data", str(scan_folder), "--quick", "--workers", "1", "--only", only,
            "--weights", str(folder), "--json", str(folder / "figures.json"),
        )  # fmt: skip
    assert code == 0
    return json.loads((folder / "figures.json").read_text()), printed.getvalue()


@pytest.fixture
def figures(told) -> dict:
    return told[0]


def test_expression_has_all_methods(figures):
    methods = figures["expression"]
    assert set(methods) == {"semm", "sd_detail", "facedet3d", "procedural", "keep_source"}
    for name in ("procedural", "keep_source"):
        wanted = {"line_f1", "correlation", "ms_ssim", "energy_change_correlation", "n", "seconds"}
        assert set(methods[name]) == wanted
    assert methods["keep_source"]["energy_change_correlation"] == 0
    assert methods["keep_source"]["line_f1"] > 0.5


def test_an_engine_without_weights_is_told_and_the_rest_goes_on(figures):
    for name in ("semm", "sd_detail", "facedet3d"):
        assert f"{name}.json" in figures["expression"][name]["not_available"]
    assert figures["drawing"]["engine"] == "procedural"


def test_animation_and_split_of_an_engine(scan_folder, tmp_path):
    only = ("--only", "animation,split", "--engine", "procedural", "--quick", "--workers", "1")
    assert command("--data", str(scan_folder), *only, "--json", str(tmp_path / "figures.json")) == 0
    figures = json.loads((tmp_path / "figures.json").read_text())
    driven, parts = figures["animation"]["procedural"], figures["split"]["procedural"]
    assert driven["n"] == 6
    assert -1 <= driven["energy_change_correlation"] <= 1
    assert parts["dynamic"] > 0.1
    assert parts["static"] > parts["all_static"]


def test_line_edits(figures):
    assert 0.6 < figures["drawing"]["recall"] <= 1
    assert figures["drawing"]["depth_ratio"] == pytest.approx(1, abs=0.15)
    assert figures["baselines"]["drawing"]["stamped"]["recall"] == figures["drawing"]["recall"]
    assert figures["erasing"]["removed"] > 0.8
    assert figures["baselines"]["erasing"]["zeroed"]["band_ratio"] < figures["erasing"]["band_ratio"]
    assert figures["locality"]["changed_texels"] == 0


def test_age(figures):
    assert figures["age"]["unchanged"] is True
    assert figures["age"]["spearman"] > 0.8
    assert set(figures["age"]["onset_years"]) == {"crows_feet", "forehead", "nasolabial"}


def test_the_table_is_printed(told):
    _, shown = told
    assert "Expression editing" in shown
    assert "goal: correlation of the energy change 0.60" in shown
    assert "source map kept" in shown


def test_bad_arguments_and_folders_end_with_one_line(tmp_path, capsys):
    assert command("--data", str(tmp_path / "nothing")) == 2
    assert command("--data", str(tmp_path)) == 2
    for wrong in (["--only", "beauty"], ["--workers", "0"], ["--engine", "magic"]):
        with pytest.raises(SystemExit):
            command("--data", str(tmp_path), *wrong)
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 5
    assert "skin_mask.png" in said


def test_processes_give_what_one_gives(scan_folder):
    setup, tasks = Setup(scan_folder), ["a1", "b2"]
    results = []
    for n_workers in (1, 2):
        workers = Workers(n_workers)
        try:
            results.append(workers.run(_neutral_name, tasks, setup, "names"))
        finally:
            workers.close()
    assert results[0] == results[1] == ["a1/1_neutral", "b2/1_neutral"]
    assert context_of(setup) is context_of(setup)


def _neutral_name(context, subject):
    return context.scans.neutral(subject).name
