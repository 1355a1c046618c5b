"""How many threads the work is shared among."""

from __future__ import annotations

from . import _options, _polyak

__all__ = ["get_num_threads", "set_num_threads"]


def get_num_threads() -> int:
    """Returns the number of threads that the next work is shared among.

    Returns
    -------
    int
        What was set, or ``RAYON_NUM_THREADS``, or the number of processors.

    Examples
    --------
    >>> polyak.get_num_threads() >= 1
    True
    """
    return _polyak.number_of_threads()


def set_num_threads(number: int) -> None:
    """Sets the number of threads that the next work is shared among. No result depends on it.

    Parameters
    ----------
    number : int
        From 1 to 1024, or 0 for as many as there are processors.

    Raises
    ------
    OptionError
        A number out of range.
    ThreadError
        The system does not start so many.

    Examples
    --------
    >>> polyak.set_num_threads(2)
    >>> polyak.get_num_threads()
    2
    """
    _polyak.set_number_of_threads(_options.integer(number, "number", 0, 1024))
