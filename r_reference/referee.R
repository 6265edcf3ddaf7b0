# Evidence for who is right where R and Python differ: the rows that R fits, the slopes of R's
# own deviance function, and how low R itself can get when it is told to look harder.

# Columns of a matrix, one for each random term: its grouping factor, its coefficients, its levels.
model_terms <- function(fit) {
  assign <- attr(fit@flist, "assign")
  sizes <- lengths(fit@cnms)
  levels <- vapply(fit@flist[assign], nlevels, 0L)
  unname(rbind(factor = assign, size = sizes, levels = levels))
}

# The terms say what Lambda is: the lower triangle of each term, once for every level. If lme4
# should ever build another one, whoever relies on the terms has to know.
check_template <- function(fit, terms) {
  theta <- lme4::getME(fit, "theta")
  used <- 0
  blocks <- list()
  for (k in seq_len(ncol(terms))) {
    size <- terms[2, k]
    block <- matrix(0, size, size)
    entries <- size * (size + 1) / 2
    block[lower.tri(block, diag = TRUE)] <- theta[used + seq_len(entries)]
    used <- used + entries
    blocks <- c(blocks, rep(list(block), terms[3, k]))
  }
  stopifnot(all(Matrix::bdiag(blocks) == lme4::getME(fit, "Lambda")))
}

# y, X by columns, the entries of Z row by row (their rows and columns counted from 0; no zeros),
# weights and offset where there are any: what both sides fit, apart from the method.
model_rows <- function(fit) {
  Zt <- methods::as(lme4::getME(fit, "Zt"), "CsparseMatrix")
  row <- rep(seq_len(ncol(Zt)) - 1, diff(Zt@p))
  keep <- Zt@x != 0
  weights <- as.double(stats::weights(fit))
  offset <- as.double(lme4::getME(fit, "offset"))
  list(y = as.double(lme4::getME(fit, "y")), X = as.double(lme4::getME(fit, "X")),
       row = as.double(row[keep]), column = as.double(Zt@i[keep]), entry = Zt@x[keep],
       weights = if (any(weights != 1)) weights else numeric(),
       offset = if (any(offset != 0)) offset else numeric())
}

# MD5 of the numbers as little-endian doubles, as sixteen bytes: so that rows which somebody else
# holds can be known for these without sending them.
md5_bytes <- function(numbers) {
  path <- tempfile()
  on.exit(unlink(path))
  writeBin(numbers + 0, path, size = 8, endian = "little") # + 0: there is no minus zero
  strtoi(substring(tools::md5sum(path), seq(1, 31, 2), seq(2, 32, 2)), 16L)
}

# The estimates at R's theta, and the rows that they belong to. More rows than inputs$whole
# numbers are named by their digest.
quantity_fifty_digits <- function(m, inputs) {
  fit <- m$fit
  rows <- model_rows(fit)
  terms <- model_terms(fit)
  check_template(fit, terms)
  evidence <- list(size = c(n = length(rows$y), p = ncol(lme4::getME(fit, "X"))), terms = terms,
                   md5 = md5_bytes(unlist(rows, use.names = FALSE)))
  if (sum(lengths(rows)) <= inputs$whole) evidence <- c(evidence, rows)
  value <- c(criterion = quantity_criterion(m, inputs)$value, sigma = stats::sigma(fit),
             lme4::fixef(fit))
  do.call(answer, c(list(value), evidence))
}

# Scale of each entry of theta: what moves the standard deviation of a row's response as much as
# a unit of theta does for an intercept. Differences are taken in these units.
theta_scale <- function(fit) {
  by_term <- lapply(lme4::getME(fit, "mmList"), function(Z) {
    size <- 1 / pmax(sqrt(colMeans(as.matrix(Z)^2)), .Machine$double.eps)
    at <- row(diag(length(size)))[lower.tri(diag(length(size)), diag = TRUE)]
    size[at]
  })
  unlist(by_term, use.names = FALSE)
}

# Gradient and, column by column, Hessian of lme4's own deviance function, by numDeriv, a point a
# row. Around zero in units of the scale: numDeriv's step is then 0.01 whatever theta is.
deviance_slopes <- function(m, points) {
  scale <- theta_scale(m$fit)
  near <- list(eps = 0.01)
  rows <- apply(points, 1, function(at) {
    moved <- function(x) m$criterion(at + scale * x)
    zero <- numeric(length(at))
    gradient <- numDeriv::grad(moved, zero, method.args = near)
    hessian <- numDeriv::hessian(moved, zero, method.args = near)
    c(gradient / scale, hessian / outer(scale, scale))
  })
  t(rows)
}

as_points <- function(m, numbers) matrix(numbers, ncol = length(m$fit@theta), byrow = TRUE)

quantity_judge_slopes <- function(m, inputs) {
  answer(deviance_slopes(m, as_points(m, inputs$points)))
}

# lme4's optimisers, each told to stop only where rounding stops it.
tight_optimisers <- list(
  "nloptwrap (BOBYQA)" = list(optimizer = "nloptwrap", control = list(
    algorithm = "NLOPT_LN_BOBYQA", xtol_abs = 1e-10, xtol_rel = 1e-12, ftol_abs = 1e-12,
    ftol_rel = 1e-14, maxeval = 10000)),
  bobyqa = list(optimizer = "bobyqa", control = list(rhoend = 1e-10, maxfun = 10000)),
  Nelder_Mead = list(optimizer = "Nelder_Mead", control = list(
    FtolAbs = 1e-12, FtolRel = 1e-15, XtolRel = 1e-12, maxfun = 10000)),
  "optimx (nlminb)" = list(optimizer = "optimx", package = "optimx", control = list(
    method = "nlminb", abs.tol = 0, rel.tol = 1e-14, x.tol = 1e-12, maxit = 10000)))

# lme4's deviance function of a fit's data, apart from every other: an optimiser that is stopped in
# the middle can leave one behind that answers NA for ever. Its parts are copies, because lme4
# writes theta and Lambda where they stand, and they stand in the fit.
fresh_criterion <- function(fit) {
  parts <- c("Zt", "Lambdat", "Lind", "theta", "lower", "flist", "cnms")
  terms <- stats::setNames(lapply(parts, function(part) lme4::getME(fit, part)), parts)
  terms <- unserialize(serialize(terms, NULL))
  lme4::mkLmerDevfun(stats::model.frame(fit), lme4::getME(fit, "X"), terms,
                     REML = lme4::isREML(fit))
}

# Where one optimiser ends, by the criterion of lme4's own deviance function; NA if it gives up or
# takes longer than `seconds`.
tight_attempt <- function(m, how, start, seconds) {
  on.exit(setTimeLimit())
  tryCatch({
    criterion <- fresh_criterion(m$fit)
    setTimeLimit(elapsed = max(seconds, 0.01), transient = TRUE)
    found <- suppressMessages(suppressWarnings(lme4::optimizeLmer(
      criterion, optimizer = how$optimizer, restart_edge = TRUE, boundary.tol = 1e-5,
      start = start, control = how$control)))
    setTimeLimit()
    c(found$par, m$criterion(found$par))
  }, error = function(e) rep(NA_real_, length(start) + 1))
}

# Every optimiser from every start, then all of them from the best point, until none gains more.
# Nothing is begun, and what is under way is given up, once the seconds have passed.
tight_attempts <- function(m, starts, seconds) {
  end <- proc.time()[["elapsed"]] + seconds
  has <- vapply(tight_optimisers, function(how) {
    is.null(how$package) || requireNamespace(how$package, quietly = TRUE)
  }, NA)
  all <- NULL
  from <- function(starts) {
    for (name in names(starts)) for (who in names(tight_optimisers)[has]) {
      left <- end - proc.time()[["elapsed"]]
      if (left <= 0) break
      found <- tight_attempt(m, tight_optimisers[[who]], starts[[name]], left)
      all <<- rbind(all, matrix(found, 1, dimnames = list(paste(who, "from", name), NULL)))
    }
  }
  from(starts)
  for (round in 1:3) {
    before <- lowest(all)
    if (is.null(before)) break
    from(list("the best so far" = before[-length(before)]))
    if (before[length(before)] - lowest(all)[length(before)] < 1e-9) break
  }
  colnames(all) <- c(paste0("theta", seq_len(ncol(all) - 1)), "criterion")
  all
}

# The row with the least criterion, the last column; NULL if every attempt was given up.
lowest <- function(attempts) {
  at <- which.min(attempts[, ncol(attempts)])
  if (length(at) == 0) NULL else attempts[at, ]
}

# The lowest point that R itself reaches from its own answer, from lme4's own start and from the
# points in inputs$starts (one after the other), with the slopes there and at R's answer.
quantity_tightened <- function(m, inputs) {
  theta <- m$fit@theta
  starts <- list("R's answer" = theta,
                 "lme4's start" = as.numeric(lme4::getME(m$fit, "lower") == 0))
  if (length(inputs$starts) > 0) {
    given <- as_points(m, inputs$starts)
    starts <- c(starts, stats::setNames(asplit(given, 1), rep("Python's answer", nrow(given))))
  }
  attempts <- tight_attempts(m, lapply(starts, as.numeric), inputs$seconds)
  best <- lowest(attempts)
  if (is.null(best)) best <- stats::setNames(c(theta, m$criterion(theta)), colnames(attempts))
  found <- list(best, attempts = attempts, scale = theta_scale(m$fit),
                terms = model_terms(m$fit))
  # numDeriv evaluates some eight times t squared points for a Hessian.
  each <- system.time(m$criterion(theta))[["elapsed"]]
  if (16 * each * length(theta)^2 < inputs$seconds) {
    found$slopes <- unname(deviance_slopes(m, rbind(theta, best[seq_along(theta)])))
  }
  do.call(answer, found)
}
