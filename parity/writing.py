"""Files that are written whole or not at all."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from parity.errors import WriteError

if sys.platform != "win32":
    import fcntl


def check_folder(folder: Path) -> None:
    """Find out before a long run whether a folder can be written, without making it.

    Raises
    ------
    WriteError
        If it is a file, lies in one, or may not be written.
    """
    nearest = folder
    try:
        while not nearest.exists() and nearest.parent != nearest:
            nearest = nearest.parent
    except PermissionError as error:  # a folder on the way may not even be looked into
        raise WriteError(folder, f"there is no right to look at '{nearest}'") from error
    if not nearest.is_dir():
        raise WriteError(folder, f"'{nearest}' is a file, and a folder is needed")
    as_we_are = os.access in os.supports_effective_ids
    if not os.access(nearest, os.W_OK | os.X_OK, effective_ids=as_we_are):
        raise WriteError(folder, f"there is no right to write in '{nearest}'")


def write_whole(path: Path, text: str) -> None:
    """Write a text beside its place and move it there when it is complete."""
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        name = _written(path, text)
        try:
            name.replace(path)
        except BaseException:
            _remove([name])
            raise


def write_together(folder: Path, texts: Mapping[str, str], gone: Iterable[str] = ()) -> None:
    """Write files that belong together: all of them, or none and the earlier ones stay.

    Everything is written beside its place first, where a disk can fill. Then the earlier files
    go, the last of `texts` before the others, and the new ones take their places, the last of
    `texts` after the others. So whatever happens, files of two runs never lie side by side, and
    where the last one is, all are. Two processes that write one folder take turns.

    Parameters
    ----------
    gone
        Earlier files that no longer belong to the others.

    Raises
    ------
    WriteError
        If that cannot be done, for a reason of the file system.
    """
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name in texts:
            if (folder / name).is_dir():
                raise WriteError(folder, f"there is a folder of the name '{name}' in it")
        with _alone(folder):
            ready: dict[str, Path] = {}
            try:
                for name, text in texts.items():
                    ready[name] = _written(folder / name, text)
                _replace(folder, ready, gone)
            finally:
                _remove(ready.values())


def _replace(folder: Path, ready: dict[str, Path], gone: Iterable[str]) -> None:
    places = [folder / name for name in (*gone, *ready)]
    try:
        for place in reversed(places):
            place.unlink(missing_ok=True)
        for name in list(ready):
            ready[name].replace(folder / name)
            del ready[name]
    except BaseException as error:
        _remove(reversed(places))
        if isinstance(error, OSError):
            raise WriteError(folder, error.strerror or str(error), kept=False) from error
        raise


def _remove(paths: Iterable[Path]) -> None:
    """Remove what can be removed; the error that led here is the one to tell."""
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _written(place: Path, text: str) -> Path:
    """Write a text to a new file beside its place, to the disk itself."""
    handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            # Half of a surrogate pair, out of a file name or R, is shown and not refused.
            stream.write(text.encode("utf-8", errors="backslashreplace"))
            stream.flush()
            os.fsync(stream.fileno())
        path.chmod(0o644)
    except BaseException:
        _remove([path])
        raise
    return path


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder's lock, where the system has locks on folders (Windows has not)."""
    if sys.platform == "win32":
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except WriteError:
        raise
    except OSError as error:
        raise WriteError(path, error.strerror or str(error)) from error
