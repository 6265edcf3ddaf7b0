# A fitted merMod described in plain values: what it was fitted to, and what it found.
#
# Nothing of the file is run: `data` is looked up only where the call names it, and a
# function of contrasts is called only by its name, as R itself does.

mermod_file <- function(path) mermod_json(readRDS(path))

mermod_json <- function(fit) {
  caught <- tryCatch(mermod_fields(fit), error = function(e)
    list(status = json_text("error"), error = json_text(conditionMessage(e))))
  json_object(caught)
}

mermod_fields <- function(fit) {
  what <- class(fit)
  if (!methods::is(fit, "lmerMod")) {
    return(list(status = json_text("refused"), class = json_texts(what)))
  }
  loadNamespace("lme4")
  frame <- fit@frame
  form <- stats::formula(fit)
  omitted <- attr(frame, "na.action")
  X <- fit@pp$X
  list(
    status = json_text("ok"),
    class = json_texts(what),
    versions = json_object(list(R = json_text(as.character(getRversion())),
                                lme4 = json_text(as.character(utils::packageVersion("lme4"))))),
    formula = json_text(mermod_formula(fit, form)),
    reml = if (lme4::isREML(fit)) "true" else "false",
    frame = mermod_columns(frame, fit@flist),
    rows = json_texts(rownames(frame)),
    omitted = json_numbers(omitted),
    omitted_rows = json_texts(names(omitted)),
    excluded = if (inherits(omitted, "exclude")) "true" else "false",
    data = mermod_data(fit, form, rownames(frame)),
    learned = mermod_learned(attr(frame, "terms")),
    contrasts = mermod_contrasts(attr(X, "contrasts"), frame),
    response = json_numbers(fit@resp$y),
    response_as_framed = if (isTRUE(all.equal(as.vector(frame[[1]]), fit@resp$y, tolerance = 0)))
      "true" else "false",
    theta = json_numbers(fit@theta),
    beta = json_numbers(fit@beta),
    fixed = json_texts(colnames(X)),
    sigma = json_numbers(stats::sigma(fit)),
    u = json_numbers(fit@u),
    fitted = json_numbers(fit@resp$mu),
    loglik = json_numbers(stats::logLik(fit)),
    messages = json_texts(as.character(unlist(fit@optinfo$conv$lme4$messages))))
}

# The formula; a dot in it is written out.
mermod_formula <- function(fit, form) {
  written <- function(x) paste(deparse(x, 500), collapse = " ")
  if (!"." %in% all.vars(form)) return(written(form))
  bars <- vapply(lme4::findbars(form), written, "")
  columns <- fit@frame[!names(fit@frame) %in% c("(weights)", "(offset)")]
  fixed <- stats::formula(stats::terms(lme4::nobars(form), data = columns))
  paste(c(written(fixed), paste0("(", bars, ")")), collapse = " + ")
}

# Columns, each with its kind; positions that are missing count from 1.
mermod_columns <- function(frame, factors = list()) {
  columns <- lapply(names(frame), function(name) mermod_column(frame[[name]], factors[[name]]))
  json_object(stats::setNames(columns, names(frame)))
}

mermod_column <- function(x, as_factor = NULL) {
  said <- function(kind, values, ...) {
    json_object(list(kind = json_text(kind), values = values, ...))
  }
  if (is.factor(x)) {
    return(said("factor", json_numbers(as.integer(x)), levels = json_texts(levels(x)),
                ordered = if (is.ordered(x)) "true" else "false"))
  }
  plain <- identical(oldClass(x), NULL) || inherits(x, c("AsIs", "poly"))
  if (is.numeric(x) && is.matrix(x)) {
    columns <- vapply(seq_len(ncol(x)), function(k) json_numbers(x[, k]), "")
    return(said("matrix", paste0("[", paste(columns, collapse = ","), "]")))
  }
  if (is.integer(x) && plain) return(said("integer", json_numbers(x)))
  if (is.numeric(x) && plain) return(said("numeric", json_numbers(x)))
  if (is.logical(x)) return(said("logical", json_numbers(as.integer(x))))
  if (is.character(x)) {
    return(said("text", json_texts(ifelse(is.na(x), "", x)), missing = json_numbers(which(is.na(x))),
                levels = json_texts(levels(as_factor))))
  }
  said("other", "[]", class = json_text(paste(class(x), collapse = "/")))
}

# The rows used of the data that the call names, if they are still where the formula was made.
mermod_data <- function(fit, form, rows) {
  name <- fit@call$data
  if (!is.symbol(name) || is.null(environment(form))) return("null")
  data <- get0(as.character(name), envir = environment(form), mode = "list")
  if (!is.data.frame(data) || !all(rows %in% rownames(data))) return("null")
  wanted <- intersect(all.vars(form), names(data))
  mermod_columns(data[match(rows, rownames(data)), wanted, drop = FALSE])
}

# What poly() and scale() learned from all rows, which those used may not be.
mermod_learned <- function(terms) {
  kept <- list()
  learned <- attr(terms, "predvars")
  variables <- attr(terms, "variables")
  if (length(learned) != length(variables)) return("{}")
  for (k in seq_along(learned)[-1]) {
    call <- learned[[k]]
    if (!is.call(call)) next
    label <- deparse(variables[[k]], 500)
    if (identical(call[[1]], quote(poly)) && is.list(coefs <- mermod_value(call$coefs))) {
      kept[[label]] <- json_numbers(c(coefs$alpha, coefs$norm2[-1]))
    } else if (identical(call[[1]], quote(scale)) &&
               (is.numeric(call$center) || is.numeric(call$scale))) {
      centre <- if (is.numeric(call$center)) call$center else 0
      divisor <- if (is.numeric(call$scale)) call$scale else 1
      kept[[label]] <- json_numbers(c(centre, divisor))
    }
  }
  json_object(kept)
}

# Numbers in a call that R wrote: a list, or the call of `list` and `c` that makes it.
mermod_value <- function(x) if (is.call(x)) eval(x, baseenv()) else x

mermod_contrasts <- function(given, frame) {
  known <- c("contr.treatment", "contr.sum", "contr.helmert", "contr.poly")
  said <- lapply(names(given), function(name) {
    chosen <- given[[name]]
    if (is.character(chosen) && chosen %in% known) return(json_text(chosen))
    if (is.character(chosen)) {
      make <- get0(chosen, envir = globalenv(), mode = "function")
      if (is.null(make)) stop("the function '", chosen, "', which coded '", name,
                              "', is not in this R: load its package, or give the matrix itself")
      levels <- levels(as.factor(frame[[name]]))
      chosen <- make(levels[levels %in% frame[[name]]])
    }
    json_array(unclass(as.matrix(chosen)))
  })
  json_object(stats::setNames(said, names(given)))
}
