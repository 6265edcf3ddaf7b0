"""What a survey found, as it is kept: verdicts and digits by case, with their provenance."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from parity.errors import ResultsError

FORMAT = 1


@dataclass(frozen=True)
class Entry:
    """One case of one library.

    Attributes
    ----------
    reason
        Why it is no match; empty where that goes without saying.
    digits
        Least agreement of its numbers with lme4's, in decimal digits; of theta where the
        quantity is the optimum. None where nothing could be compared.
    excess
        For an optimum, its criterion less lme4's, by the judge.
    """

    verdict: str
    reason: str = ""
    digits: float | None = None
    excess: float | None = None


@dataclass(frozen=True)
class Surveyed:
    """One library, asked on one day.

    Attributes
    ----------
    date
        ISO date.
    versions, python, r
        Versions of the library, of what it ran on, and of R's side.
    cases
        What came of every case, by id.
    """

    date: str
    versions: Mapping[str, str]
    python: Mapping[str, str]
    r: Mapping[str, str]
    cases: Mapping[str, Entry] = field(default_factory=dict)


Survey = Mapping[str, Surveyed]


def survey_text(survey: Survey) -> str:
    """Write a survey, a case a line."""
    parts = []
    for name, library in survey.items():
        head = {key: value for key, value in asdict(library).items() if key != "cases"}
        lines = [
            f"   {json.dumps(case)}: {json.dumps(_short(entry), ensure_ascii=False)}"
            for case, entry in library.cases.items()
        ]
        fields = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
        fields.append('  "cases": {\n' + ",\n".join(lines) + "\n  }")
        parts.append(f" {json.dumps(name)}: {{\n" + ",\n".join(fields) + "\n }")
    body = ",\n".join(parts)
    return f'{{"format": {FORMAT}, "libraries": {{\n{body}\n}}}}\n'


def read_survey(text: str) -> Survey:
    """Read what `survey_text` writes.

    Raises
    ------
    ResultsError
        If it is nothing of the kind.
    """
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            message = f"format {FORMAT} was expected; it is {document['format']}"
            raise ResultsError(message)
        return {
            name: Surveyed(
                **{
                    **fields,
                    "cases": {case: Entry(**entry) for case, entry in fields["cases"].items()},
                }
            )
            for name, fields in document["libraries"].items()
        }
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, ResultsError):
            raise
        message = f"this is not what `parity survey` writes ({type(error).__name__}: {error})"
        raise ResultsError(message) from error


def _short(entry: Entry) -> dict[str, Any]:
    return {key: value for key, value in asdict(entry).items() if value not in (None, "")}
