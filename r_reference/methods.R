# What the methods of a fitted model say at its own theta: nothing here is fitted again.

effect_names <- function(frame) paste(frame$grpvar, frame$grp, frame$term, sep = "|")

# A row an effect: its mode, its standard deviation given the data, and its covariances with the
# effects of its own term and level, in their order (0 where a term has fewer).
quantity_cond_var <- function(m, inputs) {
  effects <- lme4::ranef(m$fit, condVar = TRUE)
  frame <- as.data.frame(effects)
  widest <- max(lengths(m$fit@cnms))
  shared <- lapply(effects, function(one) {
    arrays <- attr(one, "postVar")
    if (!is.list(arrays)) arrays <- list(arrays)
    # Effects run slowest and levels fastest, as in the frame.
    do.call(rbind, unname(lapply(arrays, function(a) {
      rows <- lapply(seq_len(dim(a)[2]), function(i) matrix(a[, i, ], ncol = dim(a)[1], byrow = TRUE))
      found <- do.call(rbind, rows)
      cbind(found, matrix(0, nrow(found), widest - ncol(found)))
    })))
  })
  value <- cbind(frame$condval, frame$condsd, do.call(rbind, unname(shared)))
  dimnames(value) <- list(effect_names(frame), c("condval", "condsd", paste0("cov", seq_len(widest))))
  answer(value)
}

quantity_coef <- function(m, inputs) {
  all <- lapply(names(stats::coef(m$fit)), function(factor) {
    x <- as.matrix(stats::coef(m$fit)[[factor]])
    names <- outer(rownames(x), colnames(x), function(l, k) paste(factor, l, k, sep = "|"))
    stats::setNames(as.vector(x), as.vector(names))
  })
  answer(unlist(all))
}

# Columns of a rotation have a sign by chance.
quantity_re_pca <- function(m, inputs) {
  found <- unclass(lme4::rePCA(m$fit))
  answer(unlist(lapply(names(found), function(factor) {
    one <- found[[factor]]
    kept <- one$sdev > 1e-6 # a component without variance has no direction
    turn <- abs(one$rotation[, kept, drop = FALSE])
    sdev <- stats::setNames(one$sdev, paste(factor, "sdev", seq_along(one$sdev), sep = "|"))
    if (!any(kept)) return(sdev)
    c(sdev, stats::setNames(as.vector(turn),
                            paste(factor, "rotation", row(turn), col(turn), sep = "|")))
  })))
}

quantity_residual_types <- function(m, inputs) {
  types <- c("response", "working", "pearson", "deviance")
  columns <- vapply(types, function(type) stats::residuals(m$fit, type = type),
                    stats::fitted(m$fit))
  answer(cbind(columns, scaled = stats::residuals(m$fit, type = "pearson", scaled = TRUE)))
}

quantity_rstudent <- function(m, inputs) {
  answer(cbind(rstudent = stats::rstudent(m$fit), cooks = stats::cooks.distance(m$fit),
               weights = stats::weights(m$fit)))
}

quantity_log_lik <- function(m, inputs) {
  own <- stats::logLik(m$fit)
  answer(c(logLik = as.numeric(own), df = attr(own, "df"), nobs = stats::nobs(m$fit),
           ML = as.numeric(stats::logLik(m$fit, REML = FALSE)),
           AIC = stats::AIC(own), BIC = stats::BIC(own), df.residual = stats::df.residual(m$fit)))
}

quantity_anova_terms <- function(m, inputs) {
  table <- as.matrix(stats::anova(m$fit))
  colnames(table)[1] <- "npar"
  answer(table)
}

# The limits of variances, which Wald's method does not have, last.
quantity_confint_wald <- function(m, inputs) {
  limits <- stats::confint(m$fit, level = inputs$level, method = "Wald")
  answer(limits[order(is.na(limits[, 1])), , drop = FALSE])
}

# Factors by their codes.
quantity_model_frame <- function(m, inputs) {
  frame <- stats::model.frame(m$fit, fixed.only = isTRUE(inputs$fixed_only))
  answer(as.matrix(as.data.frame(lapply(frame, as.numeric), row.names = rownames(frame),
                                 optional = TRUE)))
}

# A matrix by its size and three bilinear forms: an error in any element shows.
by_forms <- function(x, name) {
  x <- as.matrix(x)
  i <- seq_len(nrow(x))
  j <- seq_len(ncol(x))
  numbers <- c(dim(x), cos(i) %*% x %*% sin(j), sin(i^2) %*% x %*% cos(j^2),
               cos(i) %*% x %*% cos(j^2))
  stats::setNames(numbers, paste(name, c("rows", "columns", "first", "second", "third"), sep = "|"))
}

quantity_model_matrix <- function(m, inputs) {
  found <- stats::model.matrix(m$fit, type = inputs$type)
  if (inputs$type == "fixed") return(answer(unclass(found)[, , drop = FALSE]))
  if (inputs$type == "random") return(answer(by_forms(found, "Z")))
  parts <- lapply(seq_along(found), function(k) by_forms(found[[k]], k))
  answer(unlist(parts))
}

# Words as names of ones: they agree if the names do.
quantity_words <- function(m, inputs) {
  assign <- attr(lme4::getME(m$fit, "X"), "assign")
  text <- function(f) paste(deparse(f, width.cutoff = 500), collapse = " ")
  family <- stats::family(m$fit)
  said <- c(paste("fixed:", text(stats::formula(m$fit, fixed.only = TRUE))),
            paste("term:", attr(stats::terms(m$fit), "term.labels")),
            paste("family:", family$family), paste("link:", family$link))
  said <- said[said != "term: "]
  answer(c(stats::setNames(rep(1, length(said)), said),
           stats::setNames(assign, paste("assign:", colnames(lme4::getME(m$fit, "X"))))))
}

# Components: numbers as they are, matrices by forms. (The deviance function has cases of its own;
# called, it would move the fit, with which it shares its parts.) L and RZX stand in CHOLMOD's order, so what
# does not depend on it is taken of them.
quantity_get_me <- function(m, inputs) {
  get <- function(name) lme4::getME(m$fit, name)
  matrices <- c(list(X = get("X"), Z = get("Z"), Zt = get("Zt"), A = get("A"), Lambda = get("Lambda"),
                     Lambdat = get("Lambdat"), RX = get("RX")))
  of_lists <- unlist(lapply(c("Ztlist", "mmList", "Tlist", "ST"), function(name) {
    x <- get(name)
    stats::setNames(unname(x), paste(name, seq_along(x)))
  }), recursive = FALSE)
  L <- methods::as(get("L"), "sparseMatrix")
  P <- methods::as(get("L"), "pMatrix")
  system <- list(system = Matrix::t(P) %*% L %*% Matrix::t(L) %*% P, "RZX'RZX" = crossprod(get("RZX")))
  all <- c(matrices, of_lists, system)
  forms <- unlist(lapply(names(all), function(name) by_forms(all[[name]], name)))
  vectors <- c("y", "mu", "u", "b", "Gp", "Tp", "Lind", "sigma", "fixef", "beta", "theta", "REML",
               "is_REML", "n_rtrms", "n_rfacs", "N", "n", "p", "q", "p_i", "l_i", "q_i", "k", "m_i",
               "m", "offset")
  rows <- unlist(lapply(vectors, function(name) by_forms(as.numeric(get(name)), name)))
  parts <- get("devcomp")
  cmp <- c("ldL2", "ldRX2", "wrss", "ussq", "pwrss", "sigmaML", "sigmaREML")
  dims <- c("N", "n", "p", "nmp", "q", "nth", "useSc", "reTrms", "REML")
  codes <- unlist(lapply(names(get("flist")), function(f) by_forms(as.integer(get("flist")[[f]]), f)))
  bounded <- as.numeric(get("lower") == 0)
  answer(c(rows, forms, codes, by_forms(bounded, "lower"),
           stats::setNames(parts$cmp[cmp], paste("cmp", cmp)),
           stats::setNames(parts$dims[dims], paste("dims", dims)),
           stats::setNames(rep(1, length(get("cnms"))),
                           paste("cnms", names(get("cnms")), vapply(get("cnms"), toString, "")))))
}
