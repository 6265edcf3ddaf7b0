# Predictions by lme4, of the rows of the fit and of new ones, and their standard errors where
# lme4 has them (from 1.1-35) and where they are right: L without a permutation.
#
# Writes predict.json beside itself, or to the file named:  Rscript predict.R [FILE]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "data.R"))
has_se <- packageVersion("lme4") >= "1.1.35"

new_sleep <- data.frame(Days = c(0, 3.5, 12, 1), Subject = c("308", "372", "308", "335"),
                        sex = c("f", "m", "m", "f"), off = c(1, 0, -2, 0.5))
unseen <- transform(new_sleep, Subject = c("308", "nobody", "372", "else"))
holes <- transform(new_sleep, Days = c(NA, 3.5, 12, 1), sex = c("f", NA, "m", "f"))
lost <- transform(new_sleep, Subject = c("308", NA, "372", "335"))

cases <- list(
  list(data = "sleepstudy", formula = "Reaction ~ Days + (Days | Subject)", reml = TRUE,
       queries = list(list(), list(re.form = "NA"), list(re.form = "~0"), list(random.only = TRUE),
                      list(re.form = "~ (1 | Subject)"), list(re.form = "~ (0 + Days | Subject)"),
                      list(newdata = new_sleep), list(newdata = new_sleep, re.form = "NA"),
                      list(newdata = new_sleep, re.form = "~ (1 | Subject)"),
                      list(newdata = new_sleep, random.only = TRUE),
                      list(newdata = unseen, allow.new.levels = TRUE),
                      list(newdata = lost, allow.new.levels = TRUE),
                      list(newdata = holes))),
  list(data = "sleep+", formula = "log(Reaction) ~ sex * poly(Days, 2) + offset(off) + (Days | Subject)",
       reml = FALSE, weights = "w",
       queries = list(list(), list(re.form = "NA"), list(newdata = new_sleep),
                      list(newdata = new_sleep, random.only = TRUE),
                      list(newdata = holes[c(1, 3, 4), ]))),
  list(data = "sleep+", formula = "Reaction ~ Days + (Days || Subject)", reml = TRUE,
       queries = list(list(), list(re.form = "~ (1 | Subject)"),
                      list(newdata = new_sleep, re.form = "~ (0 + Days | Subject)"),
                      list(newdata = unseen, allow.new.levels = TRUE))),
  list(data = "sleep+", formula = "Reaction ~ Days + (1 | Subject)", reml = TRUE, offset = "off",
       queries = list(list(), list(re.form = "NA"), list(random.only = TRUE))),
  list(data = "sleep NA", formula = "Reaction ~ Days + (Days | Subject)", reml = TRUE,
       queries = list(list(), list(re.form = "NA"), list(newdata = new_sleep))),
  list(data = "sleep NA", formula = "Reaction ~ Days + (Days | Subject)", reml = TRUE,
       na = "exclude", queries = list(list(), list(re.form = "NA"))),
  list(data = "Penicillin", formula = "diameter ~ 1 + (1 | plate) + (1 | sample)", reml = TRUE,
       queries = list(list(), list(re.form = "~ (1 | plate)"),
                      list(newdata = data.frame(plate = c("a", "x", "zz"), sample = c("F", "A", "B")),
                           allow.new.levels = TRUE),
                      list(newdata = data.frame(sample = c("F", "A")), re.form = "~ (1 | sample)"))),
  list(data = "Pastes", formula = "strength ~ 1 + (1 | batch/cask)", reml = TRUE,
       queries = list(list(newdata = data.frame(batch = c("A", "J"), cask = c("b", "c"))),
                      list(newdata = data.frame(batch = c("A", "J"), cask = c("b", "c")),
                           re.form = "~ (1 | batch)"))),
  list(data = "cake", formula = "angle ~ recipe + temperature + (recipe | replicate)", reml = TRUE,
       queries = list(list(), list(newdata = data.frame(recipe = c("C", "A"), temperature = c("185", "225"),
                                                        replicate = c("1", "15")))))
)

answer <- function(fit, query) {
  arguments <- query
  if (!is.null(query$re.form)) {
    arguments$re.form <- if (query$re.form == "NA") NA else as.formula(query$re.form)
  }
  value <- suppressWarnings(do.call(predict, c(list(fit), arguments)))
  se <- NULL
  straight <- identical(getME(fit, "L")@perm, seq_len(getME(fit, "q")) - 1L)
  whole <- is.null(query$newdata) && (is.null(query$re.form) || query$re.form %in% c("NA", "~0"))
  if (has_se && ((whole && straight) || identical(query$re.form, "NA"))) {
    # random.only has columns of zeros for X; NA rows of the fit are not padded by lme4.
    se <- exact(do.call(predict, c(list(fit, se.fit = TRUE), arguments))$se.fit)
  }
  query$newdata <- if (!is.null(query$newdata)) as.list(query$newdata)
  list(query = lapply(query, function(x) if (is.list(x)) x else unbox(x)), value = exact(value),
       se = se)
}

record <- function(case) {
  fit <- fitted_model(case)
  c(described(case, fit), list(answers = lapply(case$queries, answer, fit = fit)))
}

# Where CHOLMOD permutes L, lme4 (1.1-37) multiplies matrices whose rows stand in different orders.
# Beside its standard errors stand those of the mixed-model equations, solved densely here.
dense_errors <- function(fit) {
  Z <- as.matrix(getME(fit, "Z")) %*% as.matrix(getME(fit, "Lambda"))
  B <- cbind(Z, getME(fit, "X"))
  M <- crossprod(B) + diag(rep(c(1, 0), c(ncol(Z), ncol(getME(fit, "X")))))
  sigma(fit) * sqrt(rowSums((B %*% solve(M)) * B))
}
permuted <- function(case) {
  fit <- suppressMessages(lmer(as.formula(case$formula), get(case$data)[-case$without, ]))
  c(described(c(case, reml = TRUE), fit), list(
    without = case$without, straight = unbox(!is.unsorted(getME(fit, "L")@perm)),
    lme4 = if (has_se) exact(predict(fit, se.fit = TRUE)$se.fit), dense = exact(dense_errors(fit))))
}
evidence <- list(
  list(data = "Penicillin", formula = "diameter ~ 1 + (1 | plate) + (1 | sample)",
       without = c(1:10, 30:33, 50, 51, 52, 100)),
  list(data = "Pastes", formula = "strength ~ 1 + (1 | batch/cask)", without = c(1:3, 20, 21, 22, 40)),
  list(data = "sleepstudy", formula = "Reaction ~ Days + (Days || Subject)",
       without = c(1:7, 20, 21, 22, 40)),
  list(data = "sleepstudy", formula = "Reaction ~ Days + (Days | Subject)",
       without = c(1:7, 20, 21, 22, 40)))

write_record("predict", list(has_se = unbox(has_se), models = lapply(cases, record),
                             permuted = lapply(evidence, permuted)))
