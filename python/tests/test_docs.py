"""Every public name has a docstring with an example, and every example is true."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import polyak

MODULES = ["polyak", *(f"polyak.{found.name}" for found in pkgutil.iter_modules(polyak.__path__) if found.name != "_polyak")]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name, tmp_path, monkeypatch):
    if name == "polyak._features":
        pytest.importorskip("sklearn", reason="the transformer needs scikit-learn")
    monkeypatch.chdir(tmp_path)
    threads = polyak.get_num_threads()
    flags = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    found = doctest.testmod(importlib.import_module(name), extraglobs={"polyak": polyak}, optionflags=flags)
    polyak.set_num_threads(threads)
    assert found.failed == 0


def public():
    for name in polyak.__all__:
        value = getattr(polyak, name, None) if name != "RandomFourierFeatures" else None
        if callable(value):
            yield name, value
        if inspect.isclass(value) and not issubclass(value, Exception):
            for method in vars(value):
                if not method.startswith("_") and inspect.isroutine(getattr(value, method)):
                    yield f"{name}.{method}", getattr(value, method)
    for name in polyak.testing.__all__:
        yield f"testing.{name}", getattr(polyak.testing, name)


@pytest.mark.parametrize(("name", "value"), list(public()))
def test_every_public_name_has_an_example(name, value):
    words = inspect.getdoc(value)
    assert words, name
    if not (inspect.isclass(value) and issubclass(value, Exception)):
        assert ">>>" in words, name


def test_the_readme_is_true():
    found = doctest.testfile("../README.md", extraglobs={"polyak": polyak})
    assert found.failed == 0 and found.attempted >= 4
