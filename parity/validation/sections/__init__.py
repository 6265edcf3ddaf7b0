"""The sections of the report, in their order."""

from collections.abc import Sequence

from parity.validation.conclusion import conclude
from parity.validation.content import Document
from parity.validation.evidence import Evidence
from parity.validation.manifest import Entry
from parity.validation.sections.front import approvals, document_control, purpose, roles
from parity.validation.sections.index import evidence_index
from parity.validation.sections.installation import environments, iq
from parity.validation.sections.operation import independent, oq, pq
from parity.validation.sections.outcome import (
    change_log,
    conclusion,
    deviations,
    reproducibility,
)
from parity.validation.sections.requirements import requirements, risk, traceability

__all__ = ["document_of"]


def document_of(evidence: Evidence, entries: Sequence[Entry]) -> Document:
    """Write the whole report; `entries` are the files of evidence that lie beside it."""
    drawn = conclude(evidence)
    digest = entries[-1].chain if entries else ""
    identity = evidence.identity
    return Document(
        title="Evidence for validation",
        subtitle=f"{identity.software}, compared with R's lme4 and bootmlm",
        headline=drawn.headline,
        passed=drawn.passed,
        running=f"{identity.report} · evidence {digest[:16]}",
        created=identity.started,
        sections=(
            document_control(evidence, drawn, digest),
            approvals(evidence),
            purpose(),
            roles(),
            risk(evidence),
            requirements(evidence),
            traceability(evidence),
            environments(evidence),
            iq(evidence),
            oq(evidence),
            pq(evidence),
            independent(evidence),
            reproducibility(evidence),
            deviations(evidence),
            conclusion(evidence, drawn),
            change_log(evidence),
            evidence_index(evidence, entries),
        ),
    )
