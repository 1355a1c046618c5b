"""What several files of tests share."""

import subprocess
import sys
import textwrap

import pytest


@pytest.fixture
def python(tmp_path):
    """Runs a program in a folder of its own, where the installed package is found and no sources are."""

    def run(code):
        command = [sys.executable, "-c", textwrap.dedent(code)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    return run
