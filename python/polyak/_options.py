"""Options, checked before anything is computed."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass

from .errors import OptionError

__all__ = ["Progress"]


@dataclass(frozen=True)
class Progress:
    """How far long work is: what a `progress` callback is called with, some times a second.

    A callback that raises ends the work, and its exception goes on to whoever called.

    Attributes
    ----------
    stage : str
        What is at work.
    done : int
        Units of it that are done.
    total : int or None
        Units in all, where that is known.

    Examples
    --------
    >>> polyak.Progress("f64", 0, 100)
    Progress(stage='f64', done=0, total=100)
    """

    stage: str
    done: int
    total: int | None


def told(progress: Callable[[Progress], object] | None) -> Callable[[str, int, int], object] | None:
    """Returns the callback that the compiled half calls."""
    if progress is None:
        return None
    if not callable(progress):
        raise OptionError(f"`progress` is {type(progress).__name__}: give a function of one polyak.Progress")
    call = progress
    return lambda stage, done, total: call(Progress(stage, done, total or None))


def integer(value: object, name: str, least: int, most: int) -> int:
    """Returns an integer between two others."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise OptionError(f"`{name}` is {value!r}: give an integer from {least} to {most}") from None
    if not least <= number <= most:
        raise OptionError(f"`{name}` is {number}: give an integer from {least} to {most}")
    return number


def number(value: object, name: str, above: float, below: float) -> float:
    """Returns a float strictly between two others."""
    try:
        if isinstance(value, (bool, str, bytes)):
            raise TypeError
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if not above < found < below:
        raise OptionError(f"`{name}` is {value!r}: give a number above {above:g} and below {below:g}")
    return found


def one_of(value: object, name: str, known: tuple[object, ...]) -> None:
    """Accepts one of some values."""
    if not any(type(value) is type(each) and value == each for each in known):
        raise OptionError(f"`{name}` is {value!r}: give one of {', '.join(map(repr, known))}")


def readable(text: str) -> str:
    """Returns a text without lone surrogates, which are no characters: nothing has such a name."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
