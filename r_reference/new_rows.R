# Predictions and simulated responses, for the rows of the fit and for new ones.
#
# inputs: re_form ("all", "NA", or a formula), random_only, allow_new_levels, newdata (columns, or
# "fit" for the data of the fit), use_u, seed, nsim, cond_sim.

model_home <- function(fit) environment(stats::formula(fit))

new_row_arguments <- function(m, inputs) {
  home <- model_home(m$fit)
  arguments <- list()
  if (!is.null(inputs$re_form)) {
    arguments["re.form"] <- list(switch(inputs$re_form, all = NULL, "NA" = NA,
                                        formula_read(inputs$re_form, names(home$data), home)))
  }
  if (!is.null(inputs$random_only)) arguments$random.only <- inputs$random_only
  if (!is.null(inputs$allow_new_levels)) arguments$allow.new.levels <- inputs$allow_new_levels
  if (identical(inputs$newdata, "fit")) {
    arguments$newdata <- home$data
  } else if (!is.null(inputs$newdata)) {
    arguments$newdata <- as.data.frame(inputs$newdata, stringsAsFactors = FALSE)
  }
  arguments
}

quantity_predict <- function(m, inputs) {
  found <- do.call(stats::predict, c(list(m$fit), new_row_arguments(m, inputs)))
  answer(found, offset = lme4::getME(m$fit, "offset"))
}

# Standard errors of the rows' own predictions by Henderson's equations, in dense matrices.
henderson_errors <- function(fit) {
  spread <- as.matrix(lme4::getME(fit, "Z") %*% lme4::getME(fit, "Lambda"))
  rows <- cbind(spread, lme4::getME(fit, "X"))
  free <- diag(rep(c(1, 0), c(ncol(spread), ncol(rows) - ncol(spread))))
  system <- crossprod(rows * sqrt(stats::weights(fit))) + free
  stats::sigma(fit) * sqrt(rowSums((rows %*% solve(system)) * rows))
}

# R's own from lme4 1.1-35 on; before that, and beside it, those of Henderson's equations.
quantity_predict_se <- function(m, inputs) {
  dense <- stats::setNames(henderson_errors(m$fit), rownames(stats::model.frame(m$fit)))
  if (utils::packageVersion("lme4") < "1.1.35") return(answer(dense))
  # That a standard error is taken at theta as if it were known is a warning of R's each time.
  found <- stats::predict(m$fit, se.fit = TRUE)$se.fit
  answer(stats::setNames(as.vector(found), names(dense)), henderson = dense)
}

quantity_simulated <- function(m, inputs) {
  arguments <- new_row_arguments(m, inputs)
  if (!is.null(inputs$use_u)) arguments$use.u <- inputs$use_u
  if (!is.null(inputs$cond_sim)) arguments$cond.sim <- inputs$cond_sim
  set.seed(inputs$seed)
  found <- do.call(stats::simulate, c(list(m$fit, nsim = inputs$nsim), arguments))
  matrix(unlist(found), ncol = inputs$nsim) |> answer()
}
