"""Document control, approvals, purpose and roles: what stands before the evidence."""

from parity.validation.conclusion import Conclusion
from parity.validation.content import Code, Column, Facts, Form, Section, Text, table
from parity.validation.evidence import Evidence

SIGNERS = (
    ("Author", "I made this report and it shows what was run."),
    ("Technical reviewer", "I examined the evidence and its deviations, and they are as stated."),
    ("Quality", "The procedures that apply to this report were followed."),
)


def document_control(evidence: Evidence, conclusion: Conclusion, digest: str) -> Section:
    """Report id, versions, status, digests."""
    identity, changes = evidence.identity, evidence.changes
    pairs = (
        ("Report", identity.report),
        ("Software", identity.software),
        ("Status", conclusion.status),
        ("Time (UTC)", identity.started),
        ("Prepared by", ", ".join(identity.prepared_by)),
        ("On", identity.host),
        ("Command", identity.command),
        ("R's answers", _oracle(evidence)),
        ("Supersedes", "nothing" if changes is None else changes.superseded.report),
    )
    return Section(
        "control",
        "Document control",
        (
            Facts(pairs),
            Text("Digest of the results (the same for the same results, whenever and wherever):"),
            Code(evidence.results),
            Text("Digest of the evidence (all files of this folder but the report itself):"),
            Code(digest),
            Text(
                "The digest of the whole folder, this report included, stands at the end of "
                "MANIFEST.json and is printed when the report is made. Write it down elsewhere: "
                "only a digest that was noted outside the folder shows that the folder as a whole "
                "was not replaced.",
                "soft",
            ),
            Form(
                (
                    Column("Digest of the folder, noted by hand", 3),
                    Column("Noted by"),
                    Column("Date"),
                ),
                (("", "", ""),),
            ),
        ),
    )


def approvals(evidence: Evidence) -> Section:
    """Room for signatures; the author's name is filled in."""
    columns = (
        Column("Role", 1.0), Column("Name", 1.2), Column("Meaning of the signature", 2.0),
        Column("Signature", 1.6), Column("Date", 0.9),
    )  # fmt: skip
    named = list(evidence.identity.prepared_by)
    rows = [(SIGNERS[0][0], name, SIGNERS[0][1], "", "") for name in named]
    rows += [(role, "", meaning, "", "") for role, meaning in SIGNERS[1:]]
    return Section("approvals", "Approvals", (Form(columns, tuple(rows)),))


def purpose() -> Section:
    """What is covered, and what is not claimed."""
    return Section(
        "purpose",
        "Purpose, intended use, exclusions",
        (
            Text(
                "This report is evidence for validation of pybootmlm, a Python library that fits "
                "linear mixed models and bootstraps them as R's lme4 and bootmlm do. It is meant "
                "to be part of a user's own validation of a system in which the library is used; "
                "it does not replace that."
            ),
            Text(
                "Intended use: linear mixed models with normal errors, fitted by maximum "
                "likelihood or REML; their estimates, deviance functions, covariances, scores "
                "and influence values; parametric, residual, transformed-residual, "
                "random-effects-block and case bootstraps; normal, basic, studentised, "
                "percentile and BCa intervals. What exactly is covered is what the section on "
                "requirements states, on the models and data of the section on operational "
                "qualification."
            ),
            Text(
                "Not claimed: generalised and non-linear mixed models; models, data and platforms "
                "other than those in this report (a user's own belong into performance "
                "qualification); the fitness of a model for a question; the correctness of R where "
                "both sides agree and no independent source is named."
            ),
        ),
    )


def roles() -> Section:
    """Who shows what."""
    rows = (
        ("This report", "what is installed and whether it was altered (IQ); that the requirements "
         "are kept on the supplier's models (OQ); the machinery for the user's own (PQ kit)"),
        ("The user", "intended use and its risks; acceptance of the requirements, tolerances and "
         "deviations for that use; models and data of PQ; who may install and run; training; "
         "change control; signatures"),
        ("Nobody here", "an audit of the supplier's organisation; electronic signatures and access "
         "control (21 CFR 11), which are those of the system in which this report is kept"),
    )  # fmt: skip
    return Section("roles", "Roles", (table((Column("Who"), Column("Shows or does", 4)), rows),))


def _oracle(evidence: Evidence) -> str:
    named = ", ".join(f"{p} {evidence.oq.r[p]}" for p in ("R", "lme4") if p in evidence.oq.r)
    if evidence.oq.oracle == "live":
        return f"live: {named}"
    return f"recorded references of {evidence.installation.references.recorded}: {named}"
