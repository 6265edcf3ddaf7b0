"""Environments, and the qualification of the installation."""

from parity.validation.content import Column, Facts, Section, Table, Text, table
from parity.validation.distributions import DistributionState
from parity.validation.evidence import Evidence

_EVERYTHING = (
    Column("Distribution", 1.2),
    Column("Version", 0.8),
    Column("sha256 of the hashes of its files", 3, "code"),
)


def environments(evidence: Evidence) -> Section:
    """Machine, Python and R, and every distribution."""
    installation = evidence.installation
    everything = table(
        _EVERYTHING,
        installation.everything,
        dense=True,
    )  # fmt: skip
    r_rows = [
        (p.name, p.version, p.built, str(len(p.files)), p.digest) for p in installation.r_packages
    ]
    r_columns = (
        Column("R package", 0.8), Column("Version", 0.8), Column("Built", 1.6),
        Column("Files", 0.5, "number"), Column("sha256 over the md5 of its files", 2.6, "code"),
    )  # fmt: skip
    r_blocks: tuple[Table | Text, ...] = (table(r_columns, r_rows, dense=True),)
    if not r_rows:
        r_blocks = (Text(f"Not looked at: {installation.r_why_not}.", "soft"),)
    return Section(
        "environments",
        "Environments",
        (
            Text("The tested side:"),
            Facts((*installation.machine.items(), *_new(installation.versions))),
            Text(f"The reference ({evidence.oq.oracle}):"),
            Facts(tuple(evidence.oq.r.items())),
            Text(
                'Every session of R has the same options (warn = 1, OutDec = ".", na.action = '
                "na.omit, contrasts contr.treatment and contr.poly), one thread of BLAS, the "
                "locale C.UTF-8 and the time zone UTC.",
                "soft",
            ),
        ),
        parts=(
            Section("python-packages", "Every distribution of this Python", (everything,)),
            Section("r-packages", "R's packages", r_blocks),
        ),
    )


def iq(evidence: Evidence) -> Section:
    """Files against their recorded hashes; the known defects of the reference."""
    installation = evidence.installation
    columns = (
        Column("What", 1.6), Column("Version", 0.8), Column("Files", 0.6, "number"),
        Column("Altered, missing, added", 1.6), Column("Finding", 1.5),
    )  # fmt: skip
    rows = [_row(installation.under_test)]
    checkout = installation.checkout
    if checkout is not None:
        changed = [f"{f.path} ({f.state})" for f in checkout.files if f.state != "as committed"]
        rows.append(("checkout in use", checkout.commit, str(len(checkout.files)),
                     _some(changed) if checkout.known else "", checkout.state))  # fmt: skip
    rows += [_row(state) for state in installation.dependencies]
    references = installation.references
    wrong = [f"{f.path} ({f.state})" for f in references.wrong]
    rows.append(("recorded references", f"of {references.recorded}", str(len(references.files)),
                 _some(wrong), references.state))  # fmt: skip
    blocks: list[Text | Table] = [
        Text(
            "Every file of pybootmlm, of what it needs and of the recorded references was hashed "
            "and compared with what the installer, version control or the manifest of the "
            "references recorded. All hashes are in evidence/installation.json."
        ),
        table(columns, rows, verdict=4, dense=True),
    ]
    if checkout is not None:
        blocks.append(
            Text(
                "The package in use is not the installed one but a checkout: its files are "
                "compared with the commit instead. Use a built distribution for a report that is "
                "to be signed.",
                "soft",
            )
        )
    return Section("iq", "Installation qualification", tuple(blocks), parts=(_defects(evidence),))


def _defects(evidence: Evidence) -> Section:
    rows = [
        (d.case, d.versions, "; ".join(f"{k}: {v}" for k, v in d.evidence.items()), d.state)
        for d in evidence.defects
    ]
    columns = (
        Column("Probe", 1.4, "code"), Column("Reference", 0.9), Column("Numbers", 2.4),
        Column("Defect", 1.3),
    )  # fmt: skip
    why = Text(
        "lme4 before 1.1-33 refits REML models with several fixed effects by a criterion with the "
        "wrong degrees of freedom. A refit with the same response must not move; where it does, "
        "bootstraps of such models by this reference are wrong, and the section on deviations "
        "shows what was done about it."
    )
    if not rows:
        return Section(
            "defects", "Known defects of the reference", (why, Text("No probe ran.", "bad"))
        )
    found = table(columns, rows, verdict=3, dense=True)
    return Section("defects", "Known defects of the reference", (why, found))


def _row(state: DistributionState) -> tuple[str, ...]:
    wrong = [f"{f.path} ({f.state})" for f in state.wrong]
    return (state.name, state.version, str(len(state.files)), _some(wrong), state.state)


def _some(names: list[str], most: int = 8) -> str:
    if not names:
        return "none"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _new(versions: object) -> tuple[tuple[str, str], ...]:
    named = dict(versions)  # type: ignore[call-overload]
    return tuple(
        (name, text) for name, text in named.items() if name not in ("Python", "OS", "CPU")
    )
