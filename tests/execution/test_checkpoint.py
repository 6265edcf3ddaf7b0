"""Files that only grow: whatever a kill leaves, what was finished is there."""

from pathlib import Path

import numpy as np
import pytest

from pybootmlm.exceptions import ArgumentError, DataError
from pybootmlm.execution.checkpoint import Checkpoint
from pybootmlm.execution.records import MAGIC, encoded, framed

RUN = {"run": "a test", "seed": "1"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Three records of three numbers."""
    path = tmp_path / "run"
    with Checkpoint(path, RUN) as file:
        for k in range(3):
            file.append({"t": np.full(3, k / 3)}, {"k": k})
    return path


def found(path: Path) -> list[int]:
    with Checkpoint(path, RUN) as file:
        records = list(file.records())
    for arrays, facts in records:
        assert (arrays["t"] == np.full(3, facts["k"] / 3)).all()
    return [facts["k"] for _, facts in records]


def last_start(path: Path) -> int:
    return len(path.read_bytes()) - len(framed(encoded({"t": np.full(3, 2 / 3)}, {"k": 2})))


def test_what_was_appended_is_there(path: Path) -> None:
    assert found(path) == [0, 1, 2]


def test_a_file_cut_anywhere_keeps_its_whole_records_and_grows_again(path: Path) -> None:
    whole, start = path.read_bytes(), last_start(path)
    for length in [*range(start, start + 50), *range(start + 50, len(whole), 37), len(whole) - 1]:
        path.write_bytes(whole[:length])
        assert found(path) == [0, 1]
        with Checkpoint(path, RUN) as file:
            file.append({"t": np.full(3, 2 / 3)}, {"k": 2})
        assert path.read_bytes()[:start] == whole[:start]
        assert found(path) == [0, 1, 2]


@pytest.mark.parametrize("zeros", [1, 43, 44, 45, 5000])
def test_zeros_that_a_file_system_leaves_are_dropped(path: Path, zeros: int) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole + bytes(zeros))
    assert found(path) == [0, 1, 2]
    assert path.read_bytes() == whole


def test_a_last_record_whose_content_was_not_written_is_dropped(path: Path) -> None:
    whole, start = path.read_bytes(), last_start(path)
    path.write_bytes(whole[: start + 60] + bytes(len(whole) - start - 60))
    assert found(path) == [0, 1]


def test_damage_before_the_end_is_refused_and_nothing_is_cut(path: Path) -> None:
    """Cutting there would throw away what is whole."""
    whole = path.read_bytes()
    first = len(MAGIC) + len(framed(b'{"run": "a test", "seed": "1"}'))
    for at in (len(MAGIC) + 60, first + 2, first + 9, first + 20, first + 100):
        damaged = bytearray(whole)
        damaged[at] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"is damaged at byte \d+, after \d whole records"):
            found(path)
        assert path.read_bytes() == bytes(damaged)


def test_a_file_that_ends_in_its_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: len(MAGIC) + 20])
    with pytest.raises(DataError, match="ends before it says which run it holds"):
        found(path)


def test_another_run_is_refused_by_all_that_differs(path: Path) -> None:
    with pytest.raises(ArgumentError) as caught:
        Checkpoint(path, {"run": "a test", "seed": "2", "type": "case"})
    assert str(caught.value) == (
        f"`checkpoint` {str(path)!r} holds another run (seed: 1 there, 2 here; type: nothing "
        "there, case here). Give that run's arguments to go on with it, or name another file."
    )
    with Checkpoint(path, {"run": "a test", "seed": "2"}, adopted=("seed",)) as file:
        assert file.identity == RUN


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"in a folder that exists; '.*nowhere' does not"):
        Checkpoint(tmp_path / "nowhere" / "run", RUN)


def test_a_file_in_use_is_refused_until_it_is_closed(path: Path) -> None:
    with Checkpoint(path, RUN), pytest.raises(ArgumentError, match="in use by another run"):
        Checkpoint(path, RUN)
    assert found(path) == [0, 1, 2]


def test_objects_are_not_believed() -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        encoded({"t": np.array([object()])}, {})


def test_no_temporary_file_is_left(path: Path) -> None:
    assert [one.name for one in path.parent.iterdir()] == ["run"]
