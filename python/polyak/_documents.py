"""Results that are documents: text in JSON, read once and never changed."""

from __future__ import annotations

import json
from typing import Any, NoReturn

__all__: list[str] = []


class Document:
    """A document that the compiled half wrote."""

    __slots__ = ("_document", "_text")

    _text: str
    _document: dict[str, Any]

    def __init__(self, text: str) -> None:
        """Takes what the compiled half wrote: see `from_json` for other documents."""
        object.__setattr__(self, "_text", text)
        object.__setattr__(self, "_document", json.loads(text))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuses: results are frozen."""
        raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        """Refuses: results are frozen."""
        raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be deleted")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles by the document."""
        return type(self), (self._text,)

    def __eq__(self, other: object) -> bool:
        """Compares the documents."""
        if not isinstance(other, Document) or type(other) is not type(self):
            return NotImplemented
        return self._document == other._document

    def __hash__(self) -> int:
        """Hashes the document."""
        return hash(self._text)

    def to_json(self) -> str:
        """Returns the document as it is kept.

        Returns
        -------
        str

        Examples
        --------
        >>> polyak.verify("K4.lipschitz", effort="quick", samples=20).to_json()[:1]
        '{'
        """
        return self._text

    def to_dict(self) -> dict[str, Any]:
        """Returns the document, as ``docs/json.md`` describes it.

        Returns
        -------
        dict

        Examples
        --------
        >>> polyak.verify("K4.lipschitz", effort="quick", samples=20).to_dict()["schema"]
        1
        """
        found: dict[str, Any] = json.loads(self._text)
        return found
