# Runs a script statement by statement, as a user would, and says what each has set or shown.
#
# run_script(text, asked) prints a line of JSON for every statement: asked[[i]] names the variables
# of statement i whose values are wanted, and says whether its own value is. Bootstraps are run with
# a statistic that also gives theta and the criterion of every refit, so that it can be told who is
# right where a replicate differs; the result is handed to the script without them.

script_mark <- "\x02"

run_script <- function(text, asked, seed_before) {
  held <- ls(globalenv(), all.names = TRUE)
  on.exit(rm(list = setdiff(ls(globalenv(), all.names = TRUE), c(held, ".Random.seed")),
             envir = globalenv()))
  statements <- parse(text = text, keep.source = FALSE, encoding = "UTF-8")
  grDevices::pdf(NULL)
  for (i in seq_along(statements)) {
    if (i == seed_before) set.seed(1)
    outcome <- script_statement(statements[[i]], asked[[i]])
    cat("\n", script_mark, json_object(c(list(statement = json_numbers(i)), outcome)), "\n", sep = "")
  }
  cat("\n", script_mark, json_object(list(environment = reference_environment())), "\n", sep = "")
}

script_statement <- function(statement, asked) {
  script_masks()
  warned <- character()
  sink(nullfile())
  on.exit(sink())
  found <- withCallingHandlers(
    tryCatch(withVisible(eval(script_attach(statement), globalenv())), error = identity),
    warning = function(w) {
      warned <<- c(warned, conditionMessage(w))
      invokeRestart("muffleWarning")
    }, message = function(m) invokeRestart("muffleMessage"))
  if (inherits(found, "error")) return(list(error = json_text(conditionMessage(found))))
  values <- lapply(asked$sets, function(name) script_value(get(name, globalenv())))
  names(values) <- asked$sets
  list(values = json_object(values),
       shown = if (isTRUE(asked$shows)) script_value(found$value) else "null")
}

# tidyverse does nothing but attach others; where it is not installed, they are attached one by one.
script_attach <- function(statement) {
  if (!is.call(statement) || !identical(statement[[1]], quote(library)) || length(statement) < 2 ||
      !identical(as.character(statement[[2]]), "tidyverse") ||
      nzchar(system.file(package = "tidyverse"))) return(statement)
  quote(for (p in c("ggplot2", "tibble", "tidyr", "readr", "purrr", "dplyr", "stringr", "forcats"))
    if (nzchar(system.file(package = p))) library(p, character.only = TRUE))
}

script_masks <- function() {
  for (name in c("bootstrap_mer", "bootMer")) {
    if (exists(name, globalenv(), inherits = TRUE) &&
        !isTRUE(attr(get(name, globalenv()), "witness"))) {
      assign(name, script_witness(get(name, globalenv())), globalenv())
    }
  }
}

script_witness <- function(bootstrap) {
  force(bootstrap)
  structure(function(x, FUN, ...) {
    FUN <- match.fun(FUN)
    size <- NULL
    statistic <- function(fit) {
      value <- FUN(fit)
      if (is.null(size)) size <<- length(value)
      c(value, lme4::getME(fit, "theta"), script_criterion(fit))
    }
    found <- bootstrap(x, statistic, ...)
    keep <- seq_len(size)
    witness <- found$t[, -keep, drop = FALSE]
    found$t <- found$t[, keep, drop = FALSE]
    found$t0 <- found$t0[keep]
    found$statistic <- FUN
    kind <- list(...)$type
    attr(found, "witness") <- list(
      values = witness, reml = lme4::isREML(x), p = length(lme4::fixef(x)),
      theta = unname(lme4::getME(x, "theta")),
      refits = is.null(kind) || !identical(kind[1], "case"))
    found
  }, witness = TRUE)
}

script_criterion <- function(fit) {
  if (lme4::isREML(fit)) lme4::REMLcrit(fit) else -2 * as.numeric(stats::logLik(fit))
}

# --- values

script_value <- function(x) {
  value <- tryCatch(script_encode(x), error = function(e) NULL)
  if (is.null(value)) script_typed("other", list(class = json_texts(class(x)))) else value
}

script_typed <- function(type, fields) json_object(c(list(type = json_text(type)), fields))

script_numbers <- function(x) script_typed("numbers", list(value = json_array(x)))

script_encode <- function(x) {
  if (inherits(x, "merMod")) return(script_fit(x))
  if (inherits(x, "boot")) return(script_boot(x))
  if (inherits(x, "bootci")) return(script_intervals(x))
  if (inherits(x, "summary.merMod")) return(script_numbers(stats::coef(x)))
  if (inherits(x, "VarCorr.merMod")) {
    frame <- as.data.frame(x)
    return(script_numbers(as.matrix(frame[, c("vcov", "sdcor")], rownames.force = FALSE)))
  }
  if (inherits(x, "thpr")) return(script_numbers(stats::confint(x)))
  if (inherits(x, "logLik")) return(script_numbers(as.numeric(x)))
  if (inherits(x, "formula")) return(script_typed("texts", list(value = json_texts(deparse1(x)))))
  if (inherits(x, c("ranef.mer", "coef.mer"))) return(script_list(unclass(x)))
  if (is.data.frame(x)) return(script_frame(x))
  if (is.factor(x)) return(script_factor(x))
  if (inherits(x, "Matrix")) return(script_numbers(x))
  if (is.table(x)) {
    if (length(dim(x)) == 1) return(script_numbers(stats::setNames(as.numeric(x), names(x))))
    return(script_numbers(matrix(as.numeric(x), nrow(x), dimnames = unname(dimnames(x)))))
  }
  if (is.numeric(x) || is.logical(x)) {
    if (length(dim(x)) > 2) return(NULL)
    if (length(dim(x)) == 1) x <- stats::setNames(as.vector(x), names(x))
    return(script_numbers(x))
  }
  if (is.character(x)) return(script_typed("texts", list(value = json_texts(unname(x)))))
  if (is.list(x) && !is.object(x)) return(script_list(x))
  NULL
}

script_list <- function(x) {
  parts <- vapply(x, script_value, "")
  names <- if (is.null(names(x))) as.character(seq_along(x)) else names(x)
  script_typed("list", list(value = json_object(stats::setNames(as.list(parts), names))))
}

script_frame <- function(x) {
  plain <- lapply(x, function(column) if (inherits(column, "haven_labelled")) unclass(column) else column)
  columns <- vapply(plain, script_value, "")
  script_typed("frame", list(
    rows = json_numbers(nrow(x)), names = json_texts(row.names(x)),
    titles = json_texts(names(x)), value = json_object(as.list(columns))))
}

script_factor <- function(x) {
  script_typed("factor", list(levels = json_texts(levels(x)), codes = json_array(as.integer(x))))
}

script_fit <- function(x) {
  script_typed("fit", list(
    criterion = json_array(script_criterion(x)), theta = json_array(unname(lme4::getME(x, "theta"))),
    fixef = json_array(lme4::fixef(x)), sigma = json_array(stats::sigma(x)),
    nobs = json_array(stats::nobs(x)), reml = json_array(as.numeric(lme4::isREML(x)))))
}

script_boot <- function(x) {
  witness <- attr(x, "witness")
  fields <- list(t0 = json_array(unname(x$t0)), t = json_array(unname(as.matrix(x$t))))
  if (!is.null(witness)) {
    fields <- c(fields, list(
      witness = json_array(unname(witness$values)), theta = json_array(witness$theta),
      about = json_array(c(reml = as.numeric(witness$reml), p = witness$p,
                           refits = as.numeric(witness$refits)))))
  }
  script_typed("boot", fields)
}

script_intervals <- function(x) {
  kinds <- c(normal = "norm", basic = "basic", student = "stud", percent = "perc", bca = "bca")
  rows <- list()
  for (kind in names(kinds)) {
    found <- x[[kind]]
    if (is.null(found)) next
    for (i in seq_len(nrow(found))) {
      label <- paste(kinds[[kind]], format(found[i, 1]))
      rows[[label]] <- utils::tail(found[i, ], 2)
    }
  }
  limits <- do.call(rbind, rows)
  dimnames(limits) <- list(names(rows), c("lower", "upper"))
  script_typed("intervals", list(value = json_array(limits)))
}
