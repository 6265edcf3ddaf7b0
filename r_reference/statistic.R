# Statistics of a fit: those that have a name on both sides, and a user's own.

# Variances and covariances in the order of theta, under the names that bootmlm gives them.
component_values <- function(fit, column, names) {
  frame <- as.data.frame(lme4::VarCorr(fit), order = "lower.tri")
  label <- ifelse(is.na(frame$var2),
                  paste0(names[1], "_", frame$var1, "|", frame$grp),
                  paste0(names[2], "_", frame$var2, ".", frame$var1, "|", frame$grp))
  label[is.na(frame$var1)] <- names[3]
  stats::setNames(frame[[column]], label)
}

statistics$var_corr_sd <- function(fit) component_values(fit, "sdcor", c("sd", "cor", "sigma"))

statistics$var_corr_var <- function(fit) component_values(fit, "vcov", c("var", "cov", "sigma2"))

# A random intercept's share of the variance; each one's, if there are several.
statistics$icc <- function(fit) {
  columns <- unlist(fit@cnms)
  if (any(columns != "(Intercept)")) {
    stop("icc needs random intercepts only: this model has random slopes")
  }
  shares <- fit@theta^2 / (1 + sum(fit@theta^2))
  groups <- if (length(shares) > 1) paste0("icc|", names(fit@cnms)) else "icc"
  stats::setNames(shares, groups)
}

# Nakagawa and Schielzeth (2013), random slopes by Johnson (2014).
statistics$r2 <- function(fit) {
  fixed <- stats::var(as.vector(lme4::getME(fit, "X") %*% lme4::fixef(fit)))
  covariances <- lme4::VarCorr(fit)
  designs <- lme4::getME(fit, "mmList")
  random <- sum(mapply(function(Z, covariance) mean(rowSums((Z %*% covariance) * Z)),
                       designs, covariances))
  total <- fixed + random + stats::sigma(fit)^2
  c(r2_marginal = fixed / total, r2_conditional = (fixed + random) / total)
}

# A user's own, as text that the user wrote for this purpose: a function of a fit, which sees
# lme4's functions by their names.
user_statistic <- function(text) {
  compute <- eval(parse(text = text, keep.source = FALSE),
                  new.env(parent = asNamespace("lme4")))
  if (!is.function(compute)) {
    stop("the R statistic must be a function of a fit; it is of class ", class(compute)[1])
  }
  function(fit) {
    found <- compute(fit)
    if (!is.numeric(found)) {
      stop("the R statistic must return numbers; it returned class ", class(found)[1])
    }
    labels <- names(found)
    if (!all(nzchar(labels))) labels <- NULL
    stats::setNames(as.vector(found), labels)
  }
}

# inputs: `statistics`, names of statistics; `r_statistic`, the user's text; or both.
chosen_statistic <- function(inputs) {
  parts <- list()
  if (!is.null(inputs$statistics)) parts <- list(statistic_of(inputs$statistics))
  if (!is.null(inputs$r_statistic)) parts <- c(parts, user_statistic(inputs$r_statistic))
  function(fit) {
    found <- lapply(parts, function(compute) compute(fit))
    unnamed <- vapply(found, function(x) is.null(names(x)), TRUE)
    if (any(unnamed)) unname(unlist(found)) else do.call(c, found)
  }
}

quantity_statistic <- function(m, inputs) answer(chosen_statistic(inputs)(m$fit))

# The same in a bootstrap, under names that no estimate has (numbers without names keep none);
# nothing if none is asked for.
extra_statistic <- function(inputs) {
  if (is.null(inputs$r_statistic) && is.null(inputs$statistics)) return(function(fit) NULL)
  compute <- chosen_statistic(inputs)
  function(fit) {
    found <- compute(fit)
    if (!is.null(names(found))) names(found) <- paste("statistic", names(found))
    found
  }
}
