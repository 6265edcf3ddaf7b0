"""R's bootmlm, and the part of lme4 it stands on, in native Python."""

from typing import TYPE_CHECKING

from pybootmlm import datasets, plotting
from pybootmlm.bootstrap.bootstrap_mer import bootstrap_mer
from pybootmlm.bootstrap.intervals.boot_ci import boot_ci
from pybootmlm.bootstrap.intervals.result import BootCI
from pybootmlm.bootstrap.loading import load_boot
from pybootmlm.bootstrap.result import BootResult
from pybootmlm.datasets import list_datasets, load_dataset
from pybootmlm.design.identifiability import DesignChecks
from pybootmlm.hypothesis.coefficient_table import CoefficientTable
from pybootmlm.hypothesis.contest import contest, fixed_tests
from pybootmlm.hypothesis.delta_method import DeltaMethod, delta_method
from pybootmlm.hypothesis.emmeans import emmeans
from pybootmlm.hypothesis.exact_lrt import ExactTest, exact_lrt, exact_rlrt
from pybootmlm.hypothesis.kenward_roger import vcov_adj
from pybootmlm.hypothesis.pb_modcomp import BootstrapTest, pb_modcomp
from pybootmlm.hypothesis.ranova import ranova
from pybootmlm.hypothesis.term_tests import term_tests
from pybootmlm.inference import statistics
from pybootmlm.inference.devfun import devfun_mer, devfun_mer2
from pybootmlm.inference.influence import empinf_mer, empinf_merm
from pybootmlm.inference.profile_icc import prof_ci_icc
from pybootmlm.inference.scores import scores_mer
from pybootmlm.inference.vcov import vcov_theta, vcov_vc
from pybootmlm.linalg.roots import solve_eigen_sqrt
from pybootmlm.lmm.control import LmerControl
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.lmer import lmer
from pybootmlm.lmm.search.newton import NewtonOptions
from pybootmlm.methods.all_fit import AllFit, all_fit
from pybootmlm.methods.anova import anova
from pybootmlm.methods.anova_table import AnovaTable
from pybootmlm.methods.coef import coef
from pybootmlm.methods.confint import confint
from pybootmlm.methods.drop1 import drop1
from pybootmlm.methods.influence import Influence, influence
from pybootmlm.methods.information import extract_aic, log_lik
from pybootmlm.methods.model_data import model_frame, model_matrix
from pybootmlm.methods.predict import predict
from pybootmlm.methods.profile import profile
from pybootmlm.methods.profiling.result import Profile
from pybootmlm.methods.ranef import RandomEffects, ranef
from pybootmlm.methods.re_pca import RandomComponents, re_pca
from pybootmlm.methods.residuals import residuals
from pybootmlm.methods.simulate import simulate
from pybootmlm.methods.terms import Terms
from pybootmlm.methods.update import update
from pybootmlm.posterior.predict_interval import predict_interval
from pybootmlm.posterior.sim import SimulatedEffects, fe_sim, re_sim, sim
from pybootmlm.reporting.model_table import ModelTable, model_table
from pybootmlm.reporting.tidy import augment, glance, tidy
from pybootmlm.rng import RStream
from pybootmlm.study.coverage import coverage_study
from pybootmlm.study.design import Design, design_grid
from pybootmlm.study.result import CoverageStudy

__all__ = [
    "AllFit",
    "AnovaTable",
    "BootCI",
    "BootResult",
    "BootstrapTest",
    "CoefficientTable",
    "CoverageStudy",
    "DeltaMethod",
    "Design",
    "DesignChecks",
    "ExactTest",
    "Influence",
    "LmerControl",
    "LmerFit",
    "ModelTable",
    "NewtonOptions",
    "Profile",
    "RStream",
    "RandomComponents",
    "RandomEffects",
    "SimulatedEffects",
    "Terms",
    "all_fit",
    "anova",
    "augment",
    "boot_ci",
    "bootstrap_mer",
    "coef",
    "confint",
    "contest",
    "coverage_study",
    "datasets",
    "delta_method",
    "design_grid",
    "devfun_mer",
    "devfun_mer2",
    "drop1",
    "emmeans",
    "empinf_mer",
    "empinf_merm",
    "exact_lrt",
    "exact_rlrt",
    "extract_aic",
    "fe_sim",
    "fixed_tests",
    "glance",
    "influence",
    "list_datasets",
    "lmer",
    "load_boot",
    "load_dataset",
    "log_lik",
    "model_frame",
    "model_matrix",
    "model_table",
    "pb_modcomp",
    "plotting",
    "predict",
    "predict_interval",
    "prof_ci_icc",
    "profile",
    "ranef",
    "ranova",
    "re_pca",
    "re_sim",
    "residuals",
    "scores_mer",
    "sim",
    "simulate",
    "solve_eigen_sqrt",
    "statistics",
    "term_tests",
    "tidy",
    "update",
    "vcov_adj",
    "vcov_theta",
    "vcov_vc",
]

__version__: str

if not TYPE_CHECKING:  # with it, any name would pass for one of this module's

    def __getattr__(name: str) -> str:
        """Give `__version__`, which is looked up when it is asked for: that takes a while."""
        if name == "__version__":
            from importlib.metadata import version

            return version("pybootmlm")
        message = f"module 'pybootmlm' has no attribute {name!r}"
        raise AttributeError(message)
