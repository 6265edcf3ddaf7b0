# What fits a model again: to other rows or responses, with other terms, by other optimisers.
#
# Of every refit its theta, its estimates and its criterion there (see bootstrap.R), so that ours
# can be compared at R's points exactly, and the optima by their criteria.

update_fit <- function(fit, ...) {
  # As values, not as names: update() evaluates its arguments where the formula was written.
  do.call(stats::update, list(fit, ...))
}

# Some methods read the call as text that a user has written: the data by name, no made-up control.
plain_call <- function(fit) {
  fit@call$data <- model_home(fit)$data
  fit@call$control <- NULL
  fit
}

# `extra`: further columns, a row a refit.
answer_refits <- function(fits, extra = NULL, names = NULL) {
  t <- do.call(rbind, lapply(fits, replicate_statistics(list())))
  reported <- t[, "reported"]
  last <- ncol(t) - 1
  value <- cbind(t[, seq_len(last - 1), drop = FALSE], extra, t[, last, drop = FALSE])
  rownames(value) <- names
  answer(value, reported = unname(reported))
}

changed_formula <- function(fit, text) {
  home <- model_home(fit)
  call <- str2lang(text)
  formula_check(call, c(names(home$data), "."))
  stats::as.formula(call, env = home)
}

quantity_update <- function(m, inputs) {
  changes <- list()
  if (!is.null(inputs$formula)) changes$formula. <- changed_formula(m$fit, inputs$formula)
  if (!is.null(inputs$reml)) changes$REML <- inputs$reml
  if (!is.null(inputs$first)) changes$data <- model_home(m$fit)$data[seq_len(inputs$first), ]
  answer_refits(list(do.call(update_fit, c(list(m$fit), changes))))
}

# Another response: the old one and a wave over the rows.
quantity_refit <- function(m, inputs) {
  y <- lme4::getME(m$fit, "y")
  answer_refits(list(lme4::refit(m$fit, y + inputs$wave * stats::sd(y) * sin(seq_along(y)))))
}

quantity_refit_ml <- function(m, inputs) answer_refits(list(lme4::refitML(m$fit)))

# lme4's own optimisers; those of other packages depend on what is installed.
own_optimisers <- list(
  bobyqa = list("bobyqa"), Nelder_Mead = list("Nelder_Mead"), nlminbwrap = list("nlminbwrap"),
  nloptwrap.NLOPT_LN_NELDERMEAD = list("nloptwrap", list(algorithm = "NLOPT_LN_NELDERMEAD")),
  nloptwrap.NLOPT_LN_BOBYQA = list("nloptwrap", list(algorithm = "NLOPT_LN_BOBYQA")))

# allFit() stops where neither dfoptim nor optimx is installed (lme4 1.1-31: it drops rows from its
# table by the places that they had before); then what it does is done optimiser by optimiser.
quantity_all_fit <- function(m, inputs) {
  fits <- tryCatch(
    suppressMessages(suppressWarnings(lme4::allFit(
      plain_call(m$fit), data = model_home(m$fit)$data, verbose = FALSE))),
    error = function(e) lapply(own_optimisers, function(one) {
      update_fit(m$fit, control = do.call(lme4::lmerControl, stats::setNames(
        one, c("optimizer", "optCtrl")[seq_along(one)])))
    }))
  answer_refits(unclass(fits)[names(own_optimisers)], names = names(own_optimisers))
}

# Probabilities by their logarithm, so that small ones count; whether lme4 said that it refitted.
quantity_compare_models <- function(m, inputs) {
  others <- lapply(inputs$others, function(text) {
    suppressMessages(update_fit(m$fit, changed_formula(m$fit, text)))
  })
  fits <- c(list(m$fit), others)
  made <- with_conditions(do.call(stats::anova, c(fits, list(
    refit = !identical(inputs$refit, FALSE), model.names = paste0("m", seq_along(fits))))))
  table <- as.matrix(made$value)
  colnames(table) <- c("npar", "AIC", "BIC", "logLik", "deviance", "Chisq", "Df", "log10 p")
  table[, "log10 p"] <- log10(table[, "log10 p"])
  answer(cbind(table, refitted = as.numeric(
    "refitting model(s) with ML (instead of REML)" %in% made$messages)))
}

quantity_drop1 <- function(m, inputs) {
  given <- list(m$fit, test = "Chisq", k = inputs$k)
  if (!is.null(inputs$scope)) given$scope <- inputs$scope
  table <- as.matrix(suppressMessages(do.call(stats::drop1, given)))
  answer(cbind(AIC = table[, "AIC"], npar = table[, 1], LRT = table[, "LRT"],
               "log10 p" = log10(table[, "Pr(Chi)"])))
}

quantity_extract_aic <- function(m, inputs) {
  answer(stats::setNames(stats::extractAIC(m$fit, k = inputs$k), c("edf", "AIC")))
}

influence_of <- function(fit, groups) {
  fit <- plain_call(fit)
  if (is.null(groups)) stats::influence(fit) else stats::influence(fit, groups)
}

# Theta from sigma^2 and the (co)variances as influence() has them, in the order of theta.
theta_of_components <- function(numbers, sizes) {
  relative <- numbers[-1] / numbers[1]
  ends <- cumsum(sizes * (sizes + 1) / 2)
  unlist(lapply(seq_along(sizes), function(k) {
    part <- relative[seq(ends[k] - sizes[k] * (sizes[k] + 1) / 2 + 1, ends[k])]
    S <- matrix(0, sizes[k], sizes[k])
    S[lower.tri(S, diag = TRUE)] <- part
    S[upper.tri(S)] <- t(S)[upper.tri(S)]
    L <- if (sizes[k] == 1) sqrt(S) else t(chol(S))
    L[lower.tri(L, diag = TRUE)]
  }))
}

# The model of the rows that are left, at the theta where R's refit of them stopped.
deletion_at <- function(fit, keep, theta) {
  suppressMessages(suppressWarnings(update_fit(
    fit, data = model_home(fit)$data[keep, , drop = FALSE], start = theta,
    control = lme4::lmerControl(optimizer = NULL))))
}

quantity_influence <- function(m, inputs) {
  found <- influence_of(m$fit, inputs$groups)
  name <- if (is.null(inputs$groups)) "case" else inputs$groups
  part <- function(what) found[[paste0(what, "[-", name, "]")]]
  components <- part("var.cov.comps")
  sizes <- lengths(m$fit@cnms)
  data <- model_home(m$fit)$data
  labels <- if (name == "case") as.character(seq_len(nrow(data))) else as.character(data[[name]])
  deleted <- as.character(found$deleted)
  fits <- lapply(seq_along(deleted), function(k) {
    deletion_at(m$fit, labels != deleted[k], theta_of_components(components[k, ], sizes))
  })
  # The estimates are those that influence() gives; the criterion is that of the model there.
  answered <- answer_refits(fits, cbind(components, cooks = stats::cooks.distance(found)), deleted)
  fixed <- part("fixed.effects")
  answered$value[, colnames(fixed)] <- fixed
  if (ncol(fixed) > 1) {
    scaled <- stats::dfbetas(found)
    colnames(scaled) <- paste("dfbetas", colnames(fixed))
    last <- ncol(answered$value)
    answered$value <- cbind(answered$value[, -last], scaled, answered$value[, last, drop = FALSE])
  }
  answered
}

quantity_dfbetas <- function(m, inputs) {
  answer(stats::dfbetas(influence_of(m$fit, inputs$groups)))
}

# How many sets of rows several columns make.
quantity_influence_sets <- function(m, inputs) {
  found <- influence_of(m$fit, inputs$groups)
  answer(c(sets = length(unique(found$deleted))), rows = stats::nobs(m$fit))
}
