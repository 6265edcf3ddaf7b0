"""Bootstraps in files: every bit comes back, and nothing else is believed."""

import json
import os
import pickle
import stat
import zipfile
from dataclasses import fields, replace
from io import BytesIO

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.bootstrap import storage
from pybootmlm.exceptions import ArgumentError, DataError


@pytest.fixture
def stored(gamma, tmp_path):
    path = tmp_path / "boo.npz"
    gamma.save(path)
    return path


def bits(array):
    return np.ascontiguousarray(array, dtype=float).view(np.uint64)


def test_everything_but_fit_statistic_and_kept_fits_comes_back(gamma, stored):
    again = bm.load_boot(stored)
    for item in fields(gamma):
        if item.name not in ("t0", "t"):
            assert getattr(again, item.name) == getattr(gamma, item.name), item.name
    np.testing.assert_array_equal(bits(again.t0), bits(gamma.t0))
    np.testing.assert_array_equal(bits(again.t), bits(gamma.t))
    assert str(again) == str(gamma)


def test_odd_numbers_and_odd_names_keep_every_bit(gamma, tmp_path):
    odd = np.array([[-0.0, 5e-324], [np.inf, -np.inf], [np.nan, 1 / 3], [1e308, np.pi]])
    odd = np.vstack([odd, odd])[::2]  # not contiguous
    boot = replace(gamma, t=odd, nsim=4, names=('("Intercept")', "σ²"), failures={2: "¿\n"})
    boot.save(tmp_path / "odd")  # no suffix is added
    again = bm.load_boot(tmp_path / "odd")
    np.testing.assert_array_equal(bits(again.t), bits(odd))
    assert (again.names, again.failures) == (boot.names, boot.failures)


def test_an_interrupted_run_can_be_stored_and_continued(gamma, tmp_path):
    part = replace(gamma, t=gamma.t[:30], nsim=30, complete=False)
    part.save(tmp_path / "part.npz")
    rest = replace(gamma, t=gamma.t[30:], nsim=969, failures={})
    whole = bm.load_boot(tmp_path / "part.npz") + rest
    np.testing.assert_array_equal(whole.t, gamma.t)


def test_the_file_is_plain_npz_without_pickle(gamma, stored):
    with np.load(stored, allow_pickle=False) as content:
        np.testing.assert_array_equal(content["t"], gamma.t)
        metadata = json.loads(content["metadata"].tobytes())
    assert metadata["format"] == "pybootmlm bootstrap"
    assert metadata["names"] == ["scale", "variance"]


def test_fit_and_statistic_can_be_given_back(tmp_path):
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    t = fit.sigma * (1 + 0.1 * np.random.default_rng(1).normal(size=(99, 1)))

    def statistic(m):
        return {"sigma": m.sigma}

    boot = bm.BootResult(
        np.array([fit.sigma]), t, ("sigma",), "by hand", 99, fit=fit, statistic=statistic
    )
    boot.save(tmp_path / "boo.npz")
    with pytest.raises(ArgumentError, match="only if `load_boot` is given them"):
        bm.load_boot(tmp_path / "boo.npz").confint(type="bca")
    again = bm.load_boot(tmp_path / "boo.npz", fit=fit, statistic=statistic)
    assert again.confint(type="bca").equals(boot.confint(type="bca"))
    with pytest.raises(ArgumentError, match="must be given together"):
        bm.load_boot(tmp_path / "boo.npz", fit=fit)
    for other in (lambda m: m.sigma, lambda m: {"sigma": m.sigma * (1 + 1e-5)}):
        with pytest.raises(ArgumentError, match="must be those that were bootstrapped"):
            bm.load_boot(tmp_path / "boo.npz", fit=fit, statistic=other)


# --- writing


def test_a_file_is_replaced_and_readable_by_others(gamma, stored):
    again = replace(gamma, singular=99)
    umask = os.umask(0o022)
    try:
        again.save(str(stored))
    finally:
        os.umask(umask)
    assert bm.load_boot(str(stored)).singular == 99
    assert os.listdir(stored.parent) == ["boo.npz"]
    if os.name == "posix":
        assert stat.S_IMODE(stored.stat().st_mode) == 0o644


@pytest.mark.parametrize("broken", ["savez", "fsync", "replace"])
def test_a_failure_while_writing_leaves_the_old_file(gamma, stored, monkeypatch, broken):
    def fails(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(storage.np if broken == "savez" else storage.os, broken, fails)
    with pytest.raises(KeyboardInterrupt):
        replace(gamma, singular=99).save(stored)
    monkeypatch.undo()
    assert os.listdir(stored.parent) == ["boo.npz"]
    assert bm.load_boot(stored).singular == gamma.singular


def test_a_folder_that_does_not_exist_is_the_file_systems_error(gamma, tmp_path):
    with pytest.raises(FileNotFoundError):
        gamma.save(tmp_path / "nowhere" / "boo.npz")
    with pytest.raises(FileNotFoundError):
        bm.load_boot(tmp_path / "boo.npz")


# --- reading what should not be believed


def test_a_file_cut_off_anywhere_is_refused(stored, tmp_path):
    content = stored.read_bytes()
    torn = tmp_path / "torn.npz"
    for length in [*range(0, 300, 7), *range(300, len(content), 997), len(content) - 1]:
        torn.write_bytes(content[:length])
        with pytest.raises(DataError, match="is not a stored bootstrap, or is damaged"):
            bm.load_boot(torn)


def test_a_changed_bit_in_an_array_is_seen(stored, tmp_path):
    content = bytearray(stored.read_bytes())
    for place in (500, 5_000, 15_000):
        changed = bytearray(content)
        changed[place] ^= 1
        (tmp_path / "changed.npz").write_bytes(changed)
        with pytest.raises(DataError):
            bm.load_boot(tmp_path / "changed.npz")


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was run",))


def npz(**entries):
    file = BytesIO()
    np.savez(file, **entries)
    return file.getvalue()


def encoded(metadata):
    return np.frombuffer(json.dumps(metadata).encode(), dtype=np.uint8)


def array_file(array, **options):
    file = BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def zipped(name, content):
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


FOREIGN = {
    "empty": b"",
    "text": b"t0,t\n1,2\n",
    "a pickle": pickle.dumps(Bomb()),
    "one array": array_file(np.zeros(3)),
    "an array of objects": array_file(np.array([Bomb()], dtype=object), allow_pickle=True),
    "a pickle in an archive": npz(t=np.array([Bomb()], dtype=object), metadata=encoded({})),
    "another archive": zipped("readme.txt", "hello"),
    "arrays only": npz(t0=np.zeros(1), t=np.zeros((2, 1))),
    "another format": npz(metadata=encoded({"format": "other", "version": 1})),
    "metadata that are a list": npz(metadata=encoded([1])),
    "metadata that are not JSON": npz(metadata=np.frombuffer(b"{", dtype=np.uint8)),
    "metadata that are not UTF-8": npz(metadata=np.frombuffer(b"\xff\xfe", dtype=np.uint8)),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_foreign_files_are_refused_and_never_run(kind, tmp_path):
    path = tmp_path / "foreign.npz"
    path.write_bytes(FOREIGN[kind])
    with pytest.raises(DataError, match=r"foreign.npz' is not a stored bootstrap, or is damaged"):
        bm.load_boot(path)


def tampered(stored, arrays=None, **changes):
    """The stored file with other arrays or metadata; a value of None takes an entry away."""
    with np.load(stored) as content:
        entries = {name: content[name] for name in content.files}
    metadata = {**json.loads(entries["metadata"].tobytes()), **changes}
    entries["metadata"] = encoded({k: v for k, v in metadata.items() if v is not None})
    entries.update(arrays or {})
    stored.write_bytes(npz(**{k: v for k, v in entries.items() if v is not None}))


@pytest.mark.parametrize(
    "changes",
    [
        {"nsim": 998},
        {"nsim": None},
        {"nsim": "999"},
        {"reml": 1},
        {"names": ["scale"]},
        {"names": "ab"},
        {"failures": [[1]]},
        {"failures": {"1": "x"}},
        {"warnings": [["x", "many"]]},
        {"arrays": {"t": None}},
        {"arrays": {"t": np.zeros((999, 2), dtype=np.float32)}},
        {"arrays": {"t": np.zeros((2, 999))}},
        {"arrays": {"t0": np.array(["a", "b"])}},
    ],
)
def test_parts_that_are_missing_or_wrong_are_refused(stored, changes):
    tampered(stored)
    assert bm.load_boot(stored).nsim == 999, "control: tampering with nothing does nothing"
    tampered(stored, **changes)
    with pytest.raises(DataError, match="lacks a part or holds a wrong one"):
        bm.load_boot(stored)


def test_a_newer_format_is_refused_with_what_to_do(stored):
    tampered(stored, version=2)
    with pytest.raises(DataError, match=r"version 2 .* install the pybootmlm that wrote it"):
        bm.load_boot(stored)


NO_FILES = {
    "number": (3, "must be the path of a file, text or a pathlib.Path; got 3"),
    "nothing": (None, "must be the path of a file, text or a pathlib.Path; got None"),
    "bytes": (b"boo.npz", r"must be the path of a file, text or a pathlib.Path; got b'boo.npz'"),
    "NUL": ("boo\0.npz", r"must be the path of a file; 'boo\\x00.npz' holds a NUL"),
}


@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_path_is_refused(kind, gamma):
    """A number would be an open file of that number: 1 is standard output."""
    path, said = NO_FILES[kind]
    for action in (gamma.save, bm.load_boot):
        with pytest.raises(ArgumentError, match=said):
            action(path)


def test_a_folder_is_no_file(gamma, tmp_path):
    for action in (gamma.save, bm.load_boot):
        with pytest.raises(
            ArgumentError, match=r"`path` must be the path of a file; .* is a folder"
        ):
            action(tmp_path)
