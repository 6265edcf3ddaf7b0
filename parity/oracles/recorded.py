"""What R said when it was recorded: no R is needed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parity.cases import Case
from parity.data import data_digest
from parity.errors import RecordedError
from parity.frames import Frames
from parity.oracles.answer import Answer
from parity.oracles.manifest import Manifest, recorded_name
from parity.paths import recorded_folder

_STALE = "record again with `parity record` on a machine with R and bootmlm"


class RecordedOracle:
    """Answers from checksummed files; a file that was altered is an error, not an answer."""

    name = "recorded"

    def __init__(self, folder: Path | None = None, frames: Frames | None = None) -> None:
        self._frames = Frames() if frames is None else frames
        self._folder = recorded_folder() if folder is None else folder
        self._manifest = Manifest.read(self._folder)
        self._files: dict[str, dict[str, Any]] = {}

    def environment(self) -> Mapping[str, str]:
        """Return the versions under which the references were recorded."""
        environment = dict(self._manifest.environment)
        for group in self._manifest.elsewhere:
            versions = group["environment"]
            environment[f"{len(group['files'])} recorded files"] = (
                f"under R {versions['R']}, lme4 {versions['lme4']}, Matrix {versions['Matrix']}"
            )
        return environment

    def environment_with(self, package: str) -> Mapping[str, str] | None:
        """Return the first of the environments of the record that has an R package, if one has."""
        others = [group["environment"] for group in self._manifest.elsewhere]
        return next((one for one in (self._manifest.environment, *others) if package in one), None)

    def answer(self, case: Case) -> Answer:
        """Return the recorded answer to exactly this question on exactly these data."""
        document = self._document(case)
        answers = document["answers"]
        if case.id not in answers:
            message = f"case '{case.id}' has not been recorded; {_STALE}"
            raise RecordedError(message)
        entry = answers[case.id]
        if entry["digest"] != case.digest:
            message = f"case '{case.id}' was recorded with other inputs or formula; {_STALE}"
            raise RecordedError(message)
        versions = self._manifest.environment_of(recorded_name(case))
        return Answer.from_json(entry, self.name, versions)

    def judge(self, case: Case, quantity: str, inputs: Mapping[str, Any]) -> None:
        """Return None: R cannot be asked about numbers that it never saw."""
        del case, quantity, inputs

    def close(self) -> None:
        """Nothing is held open."""

    def _document(self, case: Case) -> dict[str, Any]:
        name = recorded_name(case)
        if name not in self._files:
            document = self._manifest.load(self._folder, name)
            if case.model is not None and document["data"] != data_digest(
                self._frames.of(case.model)
            ):
                message = f"the data of '{case.model.id}' are not those of its record; {_STALE}"
                raise RecordedError(message)
            self._files[name] = document
        return self._files[name]
