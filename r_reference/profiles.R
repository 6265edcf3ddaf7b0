# lme4's profiles, the limits it reads off them, and R's own deviance function held to the same
# values and minimised again: profile() stops early here and there.

# Every third point, without the estimates: the value of the parameter that is held, and the rise of the
# deviance with zeta's sign.
profile_points <- function(fit) {
  found <- suppressWarnings(suppressMessages(stats::profile(fit)))
  held <- as.character(found$.par)
  value <- vapply(seq_along(held), function(i) found[i, held[i]], 1)
  kept <- which(is.finite(found$.zeta) & found$.zeta != 0)
  kept <- kept[seq_along(kept) %% 3 == 1]
  list(profile = found, points = stats::setNames(value, held)[kept],
       rises = stats::setNames(sign(found$.zeta) * found$.zeta^2, held)[kept])
}

# -2 log likelihood by lme4's C++ code, of a response and a model matrix with this fit's effects.
deviance_by_theta <- function(fit, y, X) {
  frame <- stats::model.frame(fit)
  frame[[1]] <- y
  parts <- c("Zt", "Lambdat", "Lind", "theta", "lower", "flist", "cnms")
  terms <- stats::setNames(lapply(parts, function(part) lme4::getME(fit, part)), parts)
  lme4::mkLmerDevfun(frame, X, terms, REML = FALSE)
}

least <- function(f, starts, lower, upper) {
  tight <- list(rel.tol = 1e-12, x.tol = 1e-8, iter.max = 500, eval.max = 1000)
  found <- lapply(starts, function(start) {
    stats::nlminb(start, f, lower = lower, upper = upper, control = tight)
  })
  found[[which.min(vapply(found, function(one) one$objective, 1))]]
}

# Standard deviations and correlations (terms with one or two effects), then sigma: to theta.
theta_of_sd <- function(v, sizes) {
  sigma <- v[length(v)]
  used <- 0
  unlist(lapply(sizes, function(q) {
    part <- v[used + seq_len(q * (q + 1) / 2)]
    used <<- used + length(part)
    if (q == 1) part / sigma
    else c(part[1], part[2] * part[3], sqrt(max(0, 1 - part[2]^2)) * part[3]) / sigma
  }))
}

rises_again <- function(fit, points) {
  fit <- lme4::refitML(fit)
  y <- as.vector(lme4::getME(fit, "y"))
  X <- lme4::getME(fit, "X")
  n <- length(y)
  sizes <- lengths(fit@cnms)
  stopifnot(sizes <= 2)
  of_theta <- deviance_by_theta(fit, y, X)
  parts <- environment(of_theta)
  at <- function(v) {
    # Where theta is beyond what the factorisation bears, it is no minimum.
    d <- tryCatch(of_theta(theta_of_sd(v, sizes)), error = function(e) NA)
    if (is.na(d)) return(1e10)
    pwrss <- parts$resp$wrss() + parts$pp$sqrL(1)
    s2 <- v[length(v)]^2
    d - n * (1 + log(2 * pi * pwrss / n)) + n * log(2 * pi * s2) + pwrss / s2
  }
  frame <- as.data.frame(lme4::VarCorr(fit), order = "lower.tri")
  estimate <- frame$sdcor
  is_cor <- !is.na(frame$var2)
  lower <- ifelse(is_cor, -1, 0)
  lower[length(lower)] <- estimate[length(lower)] / 100
  upper <- ifelse(is_cor, 1, Inf)
  theta <- lme4::getME(fit, "theta")
  bound <- lme4::getME(fit, "lower")
  inside <- list(theta, pmax(theta, ifelse(bound == 0, 0.1, theta)))
  best <- least(of_theta, inside, bound, Inf)
  names <- c(sprintf(".sig%02d", seq_len(length(estimate) - 1)), ".sigma")
  names[is_cor] <- sprintf(".sig%02d", which(is_cor))
  fixed <- colnames(X)
  out <- vapply(seq_along(points), function(i) {
    name <- names(points)[i]
    value <- points[[i]]
    k <- match(name, names)
    if (is.na(k)) {
      j <- match(name, fixed)
      f <- deviance_by_theta(fit, y - X[, j] * value, X[, -j, drop = FALSE])
      return(least(f, inside, bound, Inf)$objective)
    }
    f <- function(free) {
      v <- estimate
      v[k] <- value
      v[-k] <- free
      at(v)
    }
    starts <- list(estimate[-k])
    if (any(is_cor[-k])) {
      # A standard deviation near zero leaves its correlation free to be anything.
      for (r in c(-0.9, 0.9)) starts <- c(starts, list(replace(estimate, is_cor, r)[-k]))
    }
    starts <- lapply(starts, function(s) pmax(s, lower[-k] + 1e-3 * (lower[-k] == 0)))
    least(f, starts, lower[-k], upper[-k])$objective
  }, 1)
  rise <- pmax(0, out - best$objective)
  estimates <- c(stats::setNames(estimate, names), lme4::fixef(fit))
  stats::setNames(sign(points - estimates[names(points)]) * rise, names(points))
}

# Both quantities below need the same points of a model, which take R seconds: found once.
profile_table <- new.env()

# Of the same model fitted anew: profile() moves the parts of the fit that it is given.
known_profile <- function(fit) {
  key <- paste(c(deparse(stats::formula(fit)), lme4::isREML(fit),
                 sprintf("%.17g", c(fit@theta, lme4::fixef(fit), sum(stats::weights(fit))))),
               collapse = " ")
  if (!exists(key, envir = profile_table, inherits = FALSE)) {
    found <- profile_points(update_fit(fit))
    again <- rises_again(update_fit(fit), found$points)
    assign(key, c(found, list(again = again)), envir = profile_table)
  }
  get(key, envir = profile_table, inherits = FALSE)
}

# A name for every point: its parameter and its number.
pointwise <- function(x) stats::setNames(x, paste(names(x), seq_along(x)))

quantity_profile_zeta <- function(m, inputs) {
  found <- known_profile(m$fit)
  answer(pointwise(found$rises), points = found$points, rises = pointwise(found$rises),
         again = pointwise(found$again))
}

quantity_confint_profile <- function(m, inputs) {
  found <- known_profile(m$fit)
  limits <- suppressWarnings(stats::confint(found$profile, level = inputs$level))
  answer(limits, points = found$points, rises = pointwise(found$rises),
         again = pointwise(found$again))
}

quantity_confint_boot <- function(m, inputs) {
  answer(suppressWarnings(suppressMessages(stats::confint(
    m$fit, method = "boot", nsim = inputs$nsim, seed = inputs$seed, boot.type = inputs$type,
    level = inputs$level, quiet = TRUE))))
}
