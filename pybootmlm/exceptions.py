"""Every error and warning that pybootmlm raises.

An error says what was expected, what came, and what to do. All of them derive from
`PybootmlmError`, and from the built-in type a caller would catch, so that neither
``except ValueError`` nor ``except PybootmlmError`` misses one.
"""


class PybootmlmError(Exception):
    """Root of all errors raised by pybootmlm."""


class FormulaError(PybootmlmError, ValueError):
    """A model formula cannot be read; the message marks the faulty span."""


class DataError(PybootmlmError, ValueError):
    """The data do not hold what the model needs (a column, finite numbers, a level)."""


class ModelError(PybootmlmError, ValueError):
    """The model cannot be estimated from these data (identifiability, rank)."""


class ArgumentError(PybootmlmError, ValueError):
    """An option has a value outside its domain."""


class TooLargeError(PybootmlmError, MemoryError):
    """A model needs more memory than there is."""


class StatisticError(PybootmlmError, ValueError):
    """A statistic does not return the same finite number of numbers every time."""


class WorkerError(PybootmlmError, RuntimeError):
    """A worker in another process ended, or could not do its task."""


class MissingPackageError(PybootmlmError, ImportError):
    """A package that is optional for pybootmlm is needed here and is not installed."""


class PybootmlmWarning(UserWarning):
    """Root of all warnings raised by pybootmlm."""


class RankDeficiencyWarning(PybootmlmWarning):
    """Columns of the fixed-effects model matrix were dropped."""


class SingularFitWarning(PybootmlmWarning):
    """The optimum lies on the boundary of the parameter space."""


class ConvergenceWarning(PybootmlmWarning):
    """The optimiser stopped before its criterion was met."""


class IntervalWarning(PybootmlmWarning):
    """A bootstrap interval was left out, or rests on fewer replicates than it should."""
