"""A fit that keeps its estimates but does not know of its offset, or of its weights."""

from dataclasses import replace

from pybootmlm import LmerFit


def without_offset(fit: LmerFit) -> LmerFit:
    """Return the fit, told that there is no offset: y - X beta still contains it."""
    return replace(fit, model=replace(fit.model, design=replace(fit.design, offset=None)))


def without_weights(fit: LmerFit) -> LmerFit:
    """Return the fit, told that rows have no weights; what was estimated stays."""
    coordinates = replace(fit.model.coordinates, root_weights=None)
    design = replace(fit.design, weights=None)
    return replace(fit, model=replace(fit.model, design=design, coordinates=coordinates))
