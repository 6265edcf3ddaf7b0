"""Every error that parity raises; each says what was expected, what came, what to do."""

from collections.abc import Mapping
from pathlib import Path


class ParityError(Exception):
    """Root of all errors raised by parity."""


class CaseError(ParityError, ValueError):
    """A case, tolerance, requirement or deviation file says something that cannot be."""


class OracleError(ParityError, RuntimeError):
    """The oracle has no answer for a case."""


class RError(OracleError):
    """R stopped with an error of its own while it answered.

    Attributes
    ----------
    versions
        Versions of R and its packages that gave the error.
    call
        The call that stopped, as R writes it; empty where R does not say.
    """

    def __init__(self, message: str, versions: Mapping[str, str], call: str = "") -> None:
        super().__init__(message)
        self.versions = versions
        self.call = call


class RUnavailableError(OracleError):
    """R, rpy2 or an R package that a case needs is not on this machine."""


class MissingPackageError(RUnavailableError):
    """R is here, but not the package whose answer is asked for."""


class WorkerError(OracleError):
    """The process that holds R died, or did not answer in time."""


class RecordedError(OracleError):
    """A recorded reference is missing, stale, or not the file that was recorded."""


class DataFileError(ParityError, ValueError):
    """A data file is not there, cannot be read, or is not a data frame with rows."""


class RObjectError(ParityError, ValueError):
    """An R object is of another kind than asked for, or cannot be had as ours."""


class RefitMovesWarning(UserWarning):
    """R's optimiser stopped where ours goes on: a refit would change the fit that was read."""


class NotAskedError(OracleError):
    """The oracle was not asked, for the reason given: the case is not run."""


class ResultsError(ParityError, ValueError):
    """A file of results or a baseline cannot be read as one."""


class NotProvidedError(ParityError, NotImplementedError):
    """The implementation under test does not provide this quantity."""


class OwnOptimumError(NotProvidedError):
    """The implementation has the quantity, but only at its own optimum."""


class ImplementationError(ParityError, RuntimeError):
    """An implementation cannot be loaded, is not one, or gave what cannot be compared."""


class EvidenceError(ParityError, RuntimeError):
    """A witness cannot be heard: the reason is shown in place of its evidence."""


class ReportError(ParityError, RuntimeError):
    """A report cannot be written, read or checked as was asked."""


class WriteError(ParityError, OSError):
    """A file or a folder of files cannot be written.

    Attributes
    ----------
    kept
        Whether what was in its place before is as it was.
    """

    def __init__(self, path: Path, reason: str, *, kept: bool = True) -> None:
        before = "what was there before is as it was" if kept else "and what was there is gone"
        super().__init__(
            f"'{path}' cannot be written: {reason}; nothing of it was left there, {before}. Free "
            "space, get the right to write, or choose another place"
        )
        self.kept = kept


class LibraryError(ParityError, RuntimeError):
    """The library under test raised an error, died, or did not answer in time."""


class RSyntaxError(ParityError, ValueError):
    """A script is not R, or cannot be read at all.

    Attributes
    ----------
    line, column
        Where, from 1.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.reason, self.line, self.column = message, line, column


class TranslationError(ParityError, RuntimeError):
    """A translation cannot be made, or cannot be verified."""
