"""For each registered deviation, the proof that it alone accounts for a difference.

A proof gets the trial whose plain comparison failed. It returns the evidence if what R did
wrong, done to our numbers (or undone in R's), makes the two agree; None if it does not.
"""

from parity.errors import CaseError
from parity.proofs.beside import adjusted_without_weights
from parity.proofs.boundary import boundary_is_not_stationary
from parity.proofs.deviance import (
    covariance_of_lost_offset,
    covariance_of_squared_weights,
    limits_of_lost_offset,
    limits_of_squared_weights,
    offset_not_subtracted,
    weights_not_rooted,
)
from parity.proofs.early import refits_stop_at_the_boundary, stops_far_from_the_optimum
from parity.proofs.evidence import Evidence, Proof
from parity.proofs.intervals import all_influence_values_for_each
from parity.proofs.lost import (
    every_refit_on_the_model_frame_is_lost,
    every_replicate_is_lost,
    shorter_statistics_are_recycled,
)
from parity.proofs.methods import (
    drawn_with_the_first_theta,
    errors_of_one_variance,
    errors_of_other_predictions,
    every_row_is_a_set,
    first_effect_for_each_of_its_name,
    offset_is_left_out,
    profile_jumps_beside_the_estimate,
)
from parity.proofs.no_answer import r_has_no_answer
from parity.proofs.pools import drawn_from_the_pools_of_r
from parity.proofs.refit_df import refit_with_one_degree_of_freedom
from parity.proofs.refits import (
    refits_of_data_as_r_makes_them,
    refits_with_one_degree_of_freedom,
)
from parity.proofs.resampled import (
    effects_without_variance,
    resampled_as_r_does,
    residuals_are_not_least,
)
from parity.proofs.rounding import whitened_by_a_factor_of_rounding
from parity.proofs.scores import scores_names_in_theta_order, scores_of_other_residuals
from parity.proofs.seed import seed_is_discarded

__all__ = ["PROOFS", "Evidence", "Proof", "proof_of"]

PROOFS: dict[str, Proof] = {
    proof.__name__: proof
    for proof in (
        adjusted_without_weights,
        all_influence_values_for_each,
        boundary_is_not_stationary,
        covariance_of_lost_offset,
        covariance_of_squared_weights,
        drawn_from_the_pools_of_r,
        drawn_with_the_first_theta,
        effects_without_variance,
        errors_of_one_variance,
        errors_of_other_predictions,
        every_refit_on_the_model_frame_is_lost,
        every_replicate_is_lost,
        every_row_is_a_set,
        first_effect_for_each_of_its_name,
        limits_of_lost_offset,
        limits_of_squared_weights,
        offset_is_left_out,
        offset_not_subtracted,
        profile_jumps_beside_the_estimate,
        r_has_no_answer,
        refit_with_one_degree_of_freedom,
        refits_of_data_as_r_makes_them,
        refits_stop_at_the_boundary,
        refits_with_one_degree_of_freedom,
        resampled_as_r_does,
        residuals_are_not_least,
        scores_names_in_theta_order,
        scores_of_other_residuals,
        seed_is_discarded,
        shorter_statistics_are_recycled,
        stops_far_from_the_optimum,
        weights_not_rooted,
        whitened_by_a_factor_of_rounding,
    )
}


def proof_of(name: str) -> Proof:
    """Return a proof by the name that a deviation gives."""
    if name not in PROOFS:
        message = f"deviations.toml names the proof '{name}'; known are {', '.join(PROOFS)}"
        raise CaseError(message)
    return PROOFS[name]
