# What lme4's accessors give: residuals, effects with variances, coefficients, components.
#
# Writes views.json beside itself, or to the file named:  Rscript views.R [FILE]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "data.R"))

cases <- list(
  list(data = "sleepstudy", formula = "Reaction ~ Days + (Days | Subject)", reml = TRUE),
  list(data = "sleep+", formula = "Reaction ~ Days + (Days | Subject)", reml = FALSE,
       weights = "w"),
  list(data = "sleep+", formula = "Reaction ~ Days + (Days || Subject)", reml = TRUE,
       offset = "off"),
  list(data = "sleep+", formula = "log(Reaction) ~ sex + offset(off) + (Days | Subject)",
       reml = TRUE),
  list(data = "sleep NA", formula = "Reaction ~ Days + (1 | Subject)", reml = TRUE,
       na = "exclude", weights = "w"),
  list(data = "Dyestuff2", formula = "Yield ~ 1 + (1 | Batch)", reml = TRUE),
  list(data = "Penicillin", formula = "diameter ~ 1 + (1 | plate) + (1 | sample)", reml = TRUE),
  list(data = "Pastes", formula = "strength ~ 1 + (1 | batch/cask)", reml = FALSE),
  list(data = "cake", formula = "angle ~ recipe * temp + (temp | replicate) + (1 | recipe:replicate)",
       reml = TRUE),
  list(data = "cake", formula = "angle ~ poly(temp, 2) + (recipe | replicate)", reml = FALSE)
)

# A matrix by three bilinear forms: an error in any element shows, at a fraction of the size.
matrices <- function(x) {
  i <- seq_len(nrow(x))
  j <- seq_len(ncol(x))
  forms <- list(cos(i) %*% x %*% sin(j), sin(i^2) %*% x %*% cos(j^2), cos(i) %*% x %*% cos(j^2))
  list(dim = dim(x), forms = exact(vapply(forms, function(f) f[1], 1)))
}

views <- function(case) {
  fit <- fitted_model(case)
  types <- c("response", "working", "pearson", "deviance")
  residual <- lapply(setNames(types, types), function(t) {
    exact(head(residuals(fit, type = t), 40))
  })
  effects <- ranef(fit, condVar = TRUE)
  frame <- as.data.frame(effects)
  # A factor with several terms has one array a term.
  joined <- lapply(effects, function(x) {
    v <- attr(x, "postVar")
    if (is.list(v)) lapply(unname(v), function(one) list(dim = dim(one), values = exact(one)))
    else list(list(dim = dim(v), values = exact(v)))
  })
  one_matrix <- getME(fit, c("X", "A"))
  L <- as(getME(fit, "L"), "sparseMatrix")
  P <- as(getME(fit, "L"), "pMatrix")
  RZX <- getME(fit, "RZX")
  c(described(case, fit), list(
    residuals = residual,
    scaled = exact(head(residuals(fit, scaled = TRUE, type = "pearson"), 40)),
    rstudent = exact(head(rstudent(fit), 40)), cooks = exact(head(cooks.distance(fit), 40)),
    hat = exact(head(hatvalues(fit), 40)),
    frame = list(grpvar = as.character(frame$grpvar), term = as.character(frame$term),
                 grp = as.character(frame$grp), condval = exact(frame$condval),
                 condsd = exact(frame$condsd)),
    covariances = joined,
    coef = tryCatch(lapply(unclass(coef(fit)), function(x) {
      list(rows = rownames(x), columns = colnames(x), seen = matrices(as.matrix(x)))
    }), error = function(e) NULL),
    pca = lapply(unclass(rePCA(fit)), function(x) {
      list(sdev = exact(x$sdev), rotation = exact(x$rotation))
    }),
    getME = list(
      X = matrices(one_matrix$X), A = matrices(one_matrix$A),
      Ztlist = lapply(unname(getME(fit, "Ztlist")), matrices),
      mmList = lapply(unname(getME(fit, "mmList")), matrices),
      Zt = matrices(getME(fit, "Zt")), Lambdat = matrices(getME(fit, "Lambdat")),
      y = exact(head(getME(fit, "y"), 40)), mu = exact(head(getME(fit, "mu"), 40)), u = exact(getME(fit, "u")),
      b = exact(getME(fit, "b")), Gp = getME(fit, "Gp"), Tp = unname(getME(fit, "Tp")),
      Lind = getME(fit, "Lind"),
      Tlist = lapply(unname(getME(fit, "Tlist")), matrices),
      ST = lapply(unname(getME(fit, "ST")), matrices),
      # The order of rows and columns of L is CHOLMOD's; these two are free of it.
      system = matrices(t(P) %*% L %*% t(L) %*% P), RZX_cross = matrices(crossprod(RZX)),
      RX = matrices(getME(fit, "RX")), sigma = exact(getME(fit, "sigma")),
      beta = exact(getME(fit, "beta")), theta = exact(getME(fit, "theta")),
      REML = unbox(getME(fit, "REML")), is_REML = unbox(getME(fit, "is_REML")),
      n_rtrms = unbox(getME(fit, "n_rtrms")), n_rfacs = unbox(getME(fit, "n_rfacs")),
      N = unbox(getME(fit, "N")), n = unbox(getME(fit, "n")), p = unbox(getME(fit, "p")),
      q = unbox(getME(fit, "q")), p_i = unname(getME(fit, "p_i")),
      l_i = unname(getME(fit, "l_i")), q_i = unname(getME(fit, "q_i")),
      k = unbox(getME(fit, "k")), m_i = unname(getME(fit, "m_i")), m = unbox(getME(fit, "m")),
      cnms = unname(getME(fit, "cnms")), cnms_names = names(getME(fit, "cnms")),
      offset = exact(head(getME(fit, "offset"), 40)), lower = exact(getME(fit, "lower")),
      flist = lapply(as.list(getME(fit, "flist")), function(f) head(as.character(f), 40)),
      devcomp = lapply(as.list(getME(fit, "devcomp")$cmp), function(x) unbox(exact(x))),
      dims = lapply(as.list(getME(fit, "devcomp")$dims), unbox),
      devfun = exact(getME(fit, "devfun")(getME(fit, "theta") * 1.1 + 0.01))
    ),
    frame_names = names(model.frame(fit)), fixed_names = names(model.frame(fit, fixed.only = TRUE)),
    information = list(logLik = exact(logLik(fit)), logLik_ML = exact(logLik(fit, REML = FALSE)),
                       extractAIC = exact(extractAIC(fit)), extractAIC5 = exact(extractAIC(fit, k = 5)),
                       df = unbox(df.residual(fit)), weights = exact(head(weights(fit), 40))),
    terms = list(labels = attr(terms(fit), "term.labels"), assign = attr(getME(fit, "X"), "assign"),
                 fixed = unbox(deparse(formula(fit, fixed.only = TRUE), width.cutoff = 500)))
  ))
}

write_record("views", list(models = lapply(cases, views)))
