# Installs what the reference needs and is missing, from CRAN:
#   Rscript r_reference/install.R
# Debian and Ubuntu have lme4 and numDeriv ready built:
#   apt-get install r-base-core r-cran-lme4 r-cran-numderiv
# bootmlm is optional: where it is absent its quantities come from the recorded
# references, and the report says so. So are the packages of some quantities only (environment.R
# names them), which are installed when asked for by name:
#   Rscript r_reference/install.R lmerTest pbkrtest RLRsim

needed <- c("lme4", "numDeriv", "bootmlm", commandArgs(TRUE))
missing <- needed[!vapply(needed, function(p) nzchar(system.file(package = p)), NA)]
if (length(missing) > 0) {
  utils::install.packages(missing, repos = "https://cloud.r-project.org")
}
