"""The Python script, run piece by piece in a process of its own: JSON in, lines of JSON out."""

import ast
import contextlib
import io
import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import pybootmlm as bm
from parity.translate.verifying.observed import observe
from parity.values import Value

MARK = "\x02"
_SHOWN = "_shown_by_the_statement"


def main() -> None:
    """Read what is asked from standard input, run it, say what every piece has set or shown."""
    asked = json.load(sys.stdin)
    output = sys.stdout
    os.environ.setdefault("MPLBACKEND", "Agg")
    witnesses: list[dict[str, Any]] = []
    thetas: list[Any] = []
    bm.bootstrap_mer = _witnessed(bm.bootstrap_mer, witnesses, thetas)
    for script, one in enumerate(asked):
        for number, outcome in enumerate(run_script(one, witnesses, thetas)):
            said = {"script": script, "statement": number, **outcome}
            output.write(f"\n{MARK}{json.dumps(said)}\n")
            output.flush()


def run_script(
    asked: Mapping[str, Any], witnesses: list[dict[str, Any]], thetas: list[Any]
) -> Iterator[dict[str, Any]]:
    """Run one script from an empty workspace, and say what each piece has set or shown."""
    names: dict[str, Any] = {"__name__": "__main__"}
    tree = ast.parse(asked["text"])
    done = 0
    for number, piece in enumerate(asked["pieces"]):
        statements = [s for s in tree.body[done:] if s.lineno <= piece["end_at"]]
        done += len(statements)
        given = asked["replicates"].get(str(number))
        thetas[:] = [given["theta"]] if given is not None and "t" not in given else []
        yield run_piece(statements, piece, names, witnesses, given)


def run_piece(
    statements: Sequence[ast.stmt],
    piece: Mapping[str, Any],
    names: dict[str, Any],
    witnesses: list[dict[str, Any]],
    replicates: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Run the statements of one piece; say what was set and shown, or the error."""
    body = list(statements)
    if piece["shows"] and body:
        body[-1:] = _kept(body[-1])
    module = ast.fix_missing_locations(ast.Module(body, []))
    witnesses.clear()
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            exec(compile(module, "<translation>", "exec"), names)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].lineno
        return {"error": f"{type(error).__name__}: {error}", "line": line}
    values = {}
    for name in piece["sets"]:
        replaced = replicates is not None and "t" in replicates
        if replaced and replicates and isinstance(names.get(name), bm.BootResult):
            names[name] = _with_replicates(names[name], replicates)
        values[name] = _observed(names.get(name), witnesses)
    shown = _observed(names.pop(_SHOWN, None), witnesses) if piece["shows"] else None
    return {"values": values, "shown": shown}


def _kept(statement: ast.stmt) -> list[ast.stmt]:
    """`print(x)` in two steps, so that x can be looked at."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=[shown, *_])):
            kept = ast.Assign([ast.Name(_SHOWN, ast.Store())], shown)
            return [ast.copy_location(kept, statement)]
    return [statement]


def _observed(thing: Any, witnesses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    said = observe(thing)
    if said["type"] == "boot" and witnesses:
        said["witness"] = witnesses[-1]["witness"]
    return said


def _with_replicates(boot: bm.BootResult, replicates: Mapping[str, Any]) -> bm.BootResult:
    """The same bootstrap with R's replicates."""
    t, t0 = (Value.from_json(replicates[name]).numbers for name in ("t", "t0"))
    return replace(boot, t=t.reshape(boot.t.shape), t0=t0)


def _witnessed(
    bootstrap: Callable[..., bm.BootResult], witnesses: list[dict[str, Any]], thetas: list[Any]
) -> Callable[..., bm.BootResult]:
    """bootstrap_mer, with a statistic that also gives theta and the criterion of every refit.

    Where R's theta is given, from there: then both sides refit the same responses.
    """

    def run(fit: Any, statistic: Any, *arguments: Any, **options: Any) -> bm.BootResult:
        if thetas:
            fit = fit.at_theta(Value.from_json(thetas[0]).numbers)
        function = bm.statistics.resolve_statistic(statistic)
        names, t0 = named(function, fit)
        size = len(t0)

        def extended(refit: Any) -> Any:
            _, values = named(function, refit)
            return np.r_[values, refit.theta, refit.criterion]

        found = bootstrap(fit, extended, *arguments, **options)
        witnesses.append({"witness": Value.of(found.t[:, size:]).to_json()})
        return replace(
            found, t=found.t[:, :size], t0=found.t0[:size], names=tuple(names), statistic=function
        )

    return run


def named(function: Callable[[Any], Any], fit: Any) -> tuple[list[str], Any]:
    """The names and numbers of a statistic."""
    from_package: Any = sys.modules["pybootmlm.lmm.statistic"]
    names, values = from_package.named_values(function, fit)
    return list(names), values


if __name__ == "__main__":
    main()
