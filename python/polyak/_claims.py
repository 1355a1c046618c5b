"""What is claimed, and whether it holds."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from . import _options, _polyak
from ._documents import Document
from ._options import Progress
from ._enclosure import _escaped
from .errors import OptionError, ReportError

__all__ = ["Baseline", "Claim", "ClaimResult", "Report", "claims", "verify"]


@dataclass(frozen=True)
class Claim:
    """A claim of the theory.

    Attributes
    ----------
    id, family : str
    kind : str
        How strong its evidence is: ``'certified'``, ``'rounded'``, ``'statistical'`` or ``'rate'``.
    statement, source, tolerance : str
    hypotheses : tuple of str
    page : str
        Its proof, below ``proofs/``.

    Examples
    --------
    >>> polyak.claims("P3.local")[0].family
    'pl'
    """

    id: str
    family: str
    kind: str
    statement: str
    source: str
    hypotheses: tuple[str, ...]
    tolerance: str
    page: str


@dataclass(frozen=True)
class ClaimResult:
    """What became of one claim.

    Attributes
    ----------
    id, family : str
    verdict : str
        ``'holds'``, ``'violated'``, ``'undecided'``, ``'vacuous'`` or ``'inapplicable'``; only the first counts as checked.
    checked, instances : int
        Instances on which it holds, among all.
    control_rejected : bool
        Whether what is wrong was noticed.

    Examples
    --------
    >>> polyak.verify("K4.lipschitz", effort="quick", samples=20).claims[0].verdict
    'holds'
    """

    id: str
    family: str
    verdict: str
    checked: int
    instances: int
    control_rejected: bool


class Report(Document):
    """What a run found: the document that ``polyak verify --json`` writes.

    Attributes
    ----------
    outcome : str
        ``'holds'``, ``'failed'`` (a claim is violated, a control is not rejected, or a baseline regressed) or ``'open'``.
    holds : bool
        Whether every claim holds.
    claims : tuple of ClaimResult

    Examples
    --------
    >>> report = polyak.verify("K4.lipschitz", effort="quick", samples=20)
    >>> report.holds, polyak.Report.from_json(report.to_json()) == report
    (True, True)
    """

    __slots__ = ()

    @classmethod
    def from_json(cls, text: str, name: str = "report") -> Report:
        """Reads a document, and checks it against itself.

        Parameters
        ----------
        text : str
        name : str
            What errors call it.

        Returns
        -------
        Report

        Raises
        ------
        ReportError
            No report of this form, or one that contradicts itself.

        Examples
        --------
        >>> polyak.Report.from_json("{}")
        Traceback (most recent call last):
            ...
        polyak.errors.ReportError: ...
        """
        if not isinstance(text, str):
            raise ReportError(f"a report is text in JSON, and not {type(text).__name__}")
        return cls(_polyak.read_report(_options.readable(name), _options.readable(text)))

    @property
    def outcome(self) -> str:
        """The outcome of the run as a whole."""
        return str(self._document["outcome"])

    @property
    def holds(self) -> bool:
        """Whether every claim holds, and every control is rejected."""
        return self.outcome == "holds"

    @property
    def claims(self) -> tuple[ClaimResult, ...]:
        """What became of every claim, in the order of the theory."""
        found = []
        for entry in self._document["claims"]:
            counts = ("checked", "violated", "vacuous", "undecided", "inapplicable")
            found.append(
                ClaimResult(
                    id=entry["id"],
                    family=entry["family"],
                    verdict=entry["verdict"],
                    checked=entry["checked"],
                    instances=sum(entry[name] for name in counts),
                    control_rejected=entry["control_rejected"],
                )
            )
        return tuple(found)

    @property
    def regressions(self) -> tuple[str, ...]:
        """What got worse than a baseline, in words; nothing, where there is none."""
        baseline = self._document.get("baseline") or {"regressions": []}
        return tuple(json.dumps(change, ensure_ascii=False) for change in baseline["regressions"])

    def __str__(self) -> str:
        """Shows what ``polyak verify`` prints."""
        return _polyak.report_text(self._text)

    def __repr__(self) -> str:
        """Shows the outcome and the number of claims."""
        return f"Report(outcome={self.outcome!r}, claims={len(self._document['claims'])})"

    def _repr_html_(self) -> str:
        """Shows a table, in notebooks."""
        head = "<tr><th>claim</th><th>verdict</th><th>instances</th><th>control</th></tr>"
        rows = "".join(
            f"<tr><td>{_escaped(claim.id)}</td><td>{_escaped(claim.verdict)}</td><td>{claim.checked} of {claim.instances}"
            f"</td><td>{'rejected' if claim.control_rejected else 'not rejected'}</td></tr>"
            for claim in self.claims
        )
        return f"<table><caption>{_escaped(self.outcome)}</caption>{head}{rows}</table>"


class Baseline:
    """A report that was kept, which later ones are held to.

    Parameters
    ----------
    report : Report

    Examples
    --------
    >>> report = polyak.verify("K4.lipschitz", effort="quick", samples=20)
    >>> polyak.Baseline(report).compare(report).holds
    True
    """

    __slots__ = ("name", "report")

    def __init__(self, report: Report, name: str = "baseline") -> None:
        """Takes a report, and what errors call it."""
        self.report = report
        self.name = name

    @classmethod
    def load(cls, file: str | os.PathLike[str]) -> Baseline:
        """Reads a baseline from a file that ``polyak baseline write`` or `Report.to_json` wrote.

        Parameters
        ----------
        file : path

        Returns
        -------
        Baseline

        Raises
        ------
        OSError
            The file cannot be read.
        ReportError
            It holds no report, or one that contradicts itself.

        Examples
        --------
        >>> polyak.Baseline.load("nowhere.json")
        Traceback (most recent call last):
            ...
        FileNotFoundError: ...
        """
        name = os.fspath(file)
        return cls(Report.from_json(Path(file).read_text(encoding="utf-8"), name), name)

    def compare(self, report: Report) -> Report:
        """Holds a report to this baseline.

        Parameters
        ----------
        report : Report

        Returns
        -------
        Report
            The same with what got worse, which makes its outcome ``'failed'``.

        Raises
        ------
        ReportError
            A report of other data, or of claims that the baseline does not have.

        Examples
        --------
        >>> report = polyak.verify("K4.lipschitz", effort="quick", samples=20)
        >>> polyak.Baseline(report).compare(report).regressions
        ()
        """
        return Report(_polyak.compare(self.name, self.report.to_json(), report.to_json()))


class _Future(Protocol):
    def result(self) -> Any: ...


class _Executor(Protocol):
    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Any: ...


def claims(*names: str) -> tuple[Claim, ...]:
    """Lists the claims.

    Parameters
    ----------
    *names : str
        Ids (``'P3.local'``), numbers (``'P3'``) or families (``'pl'``); every claim, if none is given.

    Returns
    -------
    tuple of Claim

    Raises
    ------
    UnknownClaimError
        A name that selects nothing.

    Examples
    --------
    >>> [claim.id for claim in polyak.claims("P3.local", "K4")]
    ['K4.lipschitz', 'P3.local']
    """
    found = _polyak.claims(_named(names))
    return tuple(Claim(*stated[:5], hypotheses=tuple(stated[5]), tolerance=stated[6], page=stated[7]) for stated in found)


def _named(names: tuple[str, ...]) -> list[str]:
    for name in names:
        if not isinstance(name, str):
            raise OptionError(f"a claim is named by text, and not by {type(name).__name__}")
    return [_options.readable(name) for name in names]


def verify(
    *names: str,
    effort: str = "standard",
    seed: int = 0,
    samples: int = 200,
    kernel: str = "gaussian:0.35*auto",
    factors: bool = True,
    executor: _Executor | None = None,
    parts: int = 4,
    progress: Callable[[Progress], object] | None = None,
) -> Report:
    """Checks claims on sharp instances, on random ones, and on handwritten digits.

    Parameters
    ----------
    *names : str
        Those of `claims`; every claim, if none is given, which takes a minute or two.
    effort : str
        ``'quick'``, ``'standard'`` or ``'thorough'``: 64, 256 or 4096 random instances of a claim.
    seed : int
        The seed of the random instances.
    samples : int
        Digits to train on, from 1 to 200.
    kernel : str
        The kernel of the networks that are trained.
    factors : bool
        Whether factors of the bounds are changed one by one, to see which of them the claims notice.
    executor : concurrent.futures.Executor, dask.distributed.Client or the like, optional
        Where the run is split into parts, whose results together are those of one run. Processes must not be forked while
        work runs; its `submit` gives futures with a `result`.
    parts : int
        Parts for an executor.
    progress : callable, optional
        Called with a `Progress` some times a second; of parts when one is done.

    Returns
    -------
    Report

    Raises
    ------
    UnknownClaimError
        A name that selects nothing.
    OptionError, KernelError
        An option out of range.

    Examples
    --------
    >>> polyak.verify("K4.lipschitz", effort="quick", samples=20)
    Report(outcome='holds', claims=1)
    """
    _options.one_of(effort, "effort", ("quick", "standard", "thorough"))
    seed = _options.integer(seed, "seed", 0, 2**64 - 1)
    samples = _options.integer(samples, "samples", 1, 200)
    if not isinstance(kernel, str):
        raise OptionError(f"`kernel` is {type(kernel).__name__}: give a name such as 'gaussian:auto'")
    _options.one_of(factors, "factors", (True, False))
    tell = _options.told(progress)
    asked = (_named(names), effort, seed, samples, _options.readable(kernel), factors)
    if executor is None:
        return Report(_polyak.verify(*asked, None, tell))
    parts = _options.integer(parts, "parts", 1, 10_000)
    _polyak.claims(asked[0])
    shards = [f"{part}/{parts}" for part in range(1, parts + 1)]
    futures = [executor.submit(_part, *asked, shard) for shard in shards]
    found = []
    for done, (shard, future) in enumerate(zip(shards, futures, strict=True), 1):
        found.append((f"part {shard}", future.result()))
        if tell is not None:
            tell("parts", done, parts)
    return Report(_polyak.merge(found))


def _part(names: list[str], effort: str, seed: int, samples: int, kernel: str, factors: bool, shard: str) -> str:
    """Runs one part, in whichever process."""
    return _polyak.verify(names, effort, seed, samples, kernel, factors, shard, None)
