"""Claims, reports, baselines."""

import json
import subprocess
import sys

import pytest

import polyak


@pytest.fixture(scope="module")
def report():
    return polyak.verify("K4", "R1", effort="quick", samples=20, seed=1)


def test_claims_are_listed():
    everything = polyak.claims()
    assert len(everything) > 80 and len({claim.id for claim in everything}) == len(everything)
    assert {claim.family for claim in everything} >= {"kernel", "spectrum", "pl", "rff", "cot"}
    assert all(claim.statement and claim.page.endswith(".md") for claim in everything)
    with pytest.raises(polyak.UnknownClaimError, match="no claim is called 'P99'"):
        polyak.claims("P99")
    with pytest.raises(polyak.OptionError):
        polyak.claims(3)


def test_a_report_is_read_back(report):
    assert report.holds and report.outcome == "holds" and report.regressions == ()
    assert [claim.id for claim in report.claims] == ["K4.lipschitz", "R1.unbiased"]
    assert all(claim.control_rejected and 0 < claim.checked <= claim.instances for claim in report.claims)
    assert polyak.Report.from_json(report.to_json()) == report
    assert "K4.lipschitz" in str(report) and "holds" in report._repr_html_()
    assert report.to_dict()["seed"] == 1
    with pytest.raises(AttributeError):
        report.outcome = "holds"


def test_a_report_that_was_edited_is_refused(report):
    document = report.to_dict()
    document["claims"][0]["checked"] += 1
    for text in (json.dumps(document), "{}", "", "\0"):
        with pytest.raises(polyak.ReportError):
            polyak.Report.from_json(text)
    with pytest.raises(polyak.ReportError, match="int"):
        polyak.Report.from_json(3)


def test_a_baseline_notices_what_got_worse(report, tmp_path):
    file = tmp_path / "margins.json"
    file.write_text(report.to_json(), encoding="utf-8")
    baseline = polyak.Baseline.load(file)
    assert baseline.compare(report).holds
    fewer = polyak.verify("K4", effort="quick", samples=20, seed=1)
    assert polyak.Baseline(report).compare(fewer).holds
    # A baseline of more cases, on other data.
    with pytest.raises(polyak.ReportError):
        baseline.compare(polyak.verify("K4", effort="quick", samples=21, seed=1))
    with pytest.raises(polyak.ReportError):
        polyak.Baseline(fewer).compare(polyak.verify("R1", effort="quick", samples=20, seed=1))


def test_a_report_is_that_of_its_seed(report):
    assert polyak.verify("K4", "R1", effort="quick", samples=20, seed=1) == report
    assert polyak.verify("K4", "R1", effort="quick", samples=20, seed=2) != report


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"effort": "lazy"}, polyak.OptionError),
        ({"effort": None}, polyak.OptionError),
        ({"seed": -1}, polyak.OptionError),
        ({"samples": 0}, polyak.OptionError),
        ({"samples": 201}, polyak.OptionError),
        ({"kernel": "linear"}, polyak.KernelError),
        ({"kernel": 3}, polyak.OptionError),
    ],
)
def test_options_are_checked(options, error):
    with pytest.raises(error):
        polyak.verify("K4", **options)


PLUGIN_TEST = """
import polyak

def test_nothing_got_worse(polyak_baseline):
    report = polyak.verify("K4", effort="quick", samples=20, seed=1)
    assert polyak_baseline.compare(report).holds
"""


def test_the_plugin_of_pytest(report, tmp_path):
    (tmp_path / "test_it.py").write_text(PLUGIN_TEST)
    (tmp_path / "margins.json").write_text(report.to_json(), encoding="utf-8")

    def outcome(*options):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "test_it.py"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout

    assert "1 passed" in outcome("--polyak-baseline", "margins.json")
    assert "1 skipped" in outcome()
    (tmp_path / "margins.json").write_text("{}")
    assert "1 error" in outcome("--polyak-baseline", "margins.json")
