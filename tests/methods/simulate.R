# Responses simulated by lme4, and, from the same random numbers, by the model's own formula
# y = X beta + Z Lambda u + e with every term's own theta and the prior weights.
#
# Of each response the first 50 rows are written down.
# Writes simulate.json beside itself, or to the file named:  Rscript simulate.R [FILE]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "data.R"))

some_sleep <- data.frame(Days = c(0, 3.5, 12, 1, 4), off = 1:5,
                         Subject = c("372", "308", "372", "335", "308"))
unseen <- data.frame(Days = c(0, 3.5, 12, 1), Subject = c("308", "nobody", "372", "else"))
few_plates <- expand.grid(sample = c("F", "B", "A"), plate = c("x", "c"))

slopes <- list(data = "sleepstudy", formula = "Reaction ~ Days + (Days | Subject)", reml = TRUE)
apart <- list(data = "sleepstudy", formula = "Reaction ~ Days + (Days || Subject)", reml = TRUE)
crossed <- list(data = "Penicillin", formula = "diameter ~ 1 + (1 | plate) + (1 | sample)",
                reml = FALSE)
weighted <- list(data = "sleep+", formula = "Reaction ~ Days + (1 | Subject)", reml = TRUE,
                 weights = "w")

cases <- list(
  list(slopes, list()), list(slopes, list(use.u = TRUE)), list(slopes, list(cond.sim = FALSE)),
  list(slopes, list(newdata = some_sleep)), list(slopes, list(newdata = some_sleep, re.form = "all")),
  list(slopes, list(newdata = unseen, allow.new.levels = TRUE)),
  list(slopes, list(newparams = list(
    beta = c("(Intercept)" = 100, Days = 5), sigma = 3,
    theta = c("Subject.(Intercept)" = 2, "Subject.Days.(Intercept)" = -0.5, "Subject.Days" = 0.7)))),
  list(apart, list()), list(apart, list(re.form = "~ (1 | Subject)")),
  list(crossed, list()), list(crossed, list(re.form = "~ (1 | plate)")),
  list(crossed, list(re.form = "~ (1 | sample)")), list(crossed, list(newdata = few_plates)),
  list(weighted, list()),
  list(list(data = "sleep NA", formula = "Reaction ~ Days + (1 | Subject)", reml = TRUE,
            na = "exclude"), list()),
  list(list(data = "sleep+", formula = "log(Reaction) ~ sex + offset(off) + (Days | Subject)",
            reml = FALSE), list(use.u = FALSE)),
  list(list(data = "Pastes", formula = "strength ~ 1 + (1 | batch/cask)", reml = TRUE), list())
)

# The formula, for the rows of the fit: terms drawn anew in lme4's order, each with its own theta.
by_formula <- function(fit, nsim, keep) {
  n <- nobs(fit)
  blocks <- split(seq_along(getME(fit, "b")), rep(seq_along(getME(fit, "cnms")), diff(getME(fit, "Gp"))))
  drawn <- setdiff(seq_along(blocks), keep)
  columns <- unlist(blocks[drawn])
  ZL <- as.matrix(getME(fit, "Z") %*% getME(fit, "Lambda"))[, columns, drop = FALSE]
  kept <- unlist(blocks[keep])
  mean <- getME(fit, "X") %*% fixef(fit) + getME(fit, "offset")
  if (length(kept)) mean <- mean + getME(fit, "Z")[, kept] %*% getME(fit, "b")[kept]
  set.seed(20)
  u <- matrix(rnorm(ncol(ZL) * nsim), ncol = nsim)
  e <- matrix(rnorm(n * nsim), ncol = nsim) / sqrt(weights(fit))
  as.vector(mean) + sigma(fit) * (ZL %*% u + e)
}

record <- function(case) {
  fit <- fitted_model(case[[1]])
  query <- arguments <- case[[2]]
  if (!is.null(query$re.form)) {
    arguments["re.form"] <- list(if (query$re.form == "all") NULL else as.formula(query$re.form))
  }
  value <- do.call(simulate, c(list(fit, nsim = 2, seed = 20), arguments))
  keep <- switch(if (is.null(query$re.form)) "" else query$re.form,
                 "~ (1 | Subject)" = 1L, "~ (1 | plate)" = 1L, "~ (1 | sample)" = 2L, integer(0))
  plain <- is.null(query$newdata) && is.null(query$newparams) && is.null(query$use.u) &&
    is.null(query$cond.sim)
  if (!is.null(query$newdata)) query$newdata <- lapply(as.list(query$newdata), as.character)
  if (!is.null(query$newparams)) query$newparams <- lapply(query$newparams, as.list)
  c(described(case[[1]], fit), list(
    query = lapply(query, function(x) if (is.list(x)) lapply(x, function(y) {
      if (is.list(y)) lapply(y, unbox) else if (length(y) == 1) unbox(y) else y
    }) else unbox(x)),
    value = exact(as.matrix(head(value, 50))), names = head(rownames(value), 50),
    by_formula = if (plain) exact(by_formula(fit, 2, keep)[1:min(50, nobs(fit)), ])))
}

write_record("simulate", list(cases = lapply(cases, record)))
