# Likelihood-ratio tests by simulation: RLRsim's exact ones, and pbkrtest's parametric bootstrap.
#
# Writes ratios.json beside itself, or to the file named:  Rscript ratios.R [FILE]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "..", "methods", "data.R"))
suppressMessages({library(RLRsim); library(pbkrtest)})
suppressWarnings(RNGversion("4.0.0"))

quietly <- function(x) suppressMessages(suppressWarnings(x))
fitted_as <- function(formula, data, reml) {
  quietly(eval(bquote(lmer(.(as.formula(formula)), data, REML = .(reml)))))
}

restricted <- lapply(list(
  list("Dyestuff", "Yield ~ 1 + (1 | Batch)"),
  list("sleepstudy", "Reaction ~ Days + (1 | Subject)"),
  list("cake", "angle ~ recipe * temp + (1 | replicate)"),
  list("Orthodont", "distance ~ age * Sex + (0 + age | Subject)")
), function(one) {
  data <- prepared(one[[1]])
  set.seed(20)
  found <- quietly(exactRLRT(fitted_as(one[[2]], data, TRUE), nsim = 200))
  list(data = unbox(one[[1]]), formula = unbox(one[[2]]), reml = unbox(TRUE),
       statistic = exact(found$statistic), p = exact(found$p.value), sample = exact(found$sample))
})

data <- prepared("sleepstudy")
whole <- fitted_as("Reaction ~ Days + (1 | Subject) + (0 + Days | Subject)", data, TRUE)
part <- fitted_as("Reaction ~ Days + (1 | Subject)", data, TRUE)
alone <- fitted_as("Reaction ~ Days + (0 + Days | Subject)", data, TRUE)
set.seed(21)
found <- quietly(exactRLRT(alone, whole, part, nsim = 200))
one_of_two <- list(statistic = exact(found$statistic), p = exact(found$p.value),
                   sample = exact(found$sample))

full <- lapply(list(
  list("Dyestuff", "Yield ~ 1 + (1 | Batch)", "Yield ~ 1", character(0)),
  list("Orthodont", "distance ~ age + Sex + (1 | Subject)", "distance ~ age", "Sex"),
  list("cake", "angle ~ recipe + temperature + (1 | replicate)", "angle ~ temperature", "recipe")
), function(one) {
  data <- prepared(one[[1]])
  set.seed(22)
  found <- quietly(exactLRT(fitted_as(one[[2]], data, FALSE), lm(as.formula(one[[3]]), data),
                            nsim = 200))
  list(data = unbox(one[[1]]), formula = unbox(one[[2]]), reml = unbox(FALSE), without = I(one[[4]]),
       statistic = exact(found$statistic), p = exact(found$p.value), sample = exact(found$sample))
})

bootstrap <- lapply(list(
  list("sleepstudy", "Reaction ~ Days + I(Days^2) + (Days | Subject)",
       "Reaction ~ Days + (Days | Subject)"),
  list("Orthodont", "distance ~ age * Sex + (1 | Subject)", "distance ~ age + (1 | Subject)")
), function(one) {
  data <- prepared(one[[1]])
  larger <- fitted_as(one[[2]], data, TRUE)
  smaller <- fitted_as(one[[3]], data, TRUE)
  set.seed(23)
  found <- quietly(PBmodcomp(larger, smaller, nsim = 25))
  table <- summary(found)$test
  list(data = unbox(one[[1]]), formulas = c(one[[2]], one[[3]]), reference = exact(found$ref),
       test = lapply(unclass(table), exact), rows = row.names(table))
})
versions <- list(RLRsim = unbox(as.character(packageVersion("RLRsim"))),
                 pbkrtest = unbox(as.character(packageVersion("pbkrtest"))))
write_record("ratios", list(packages = versions, restricted = restricted, one_of_two = one_of_two,
                            full = full, bootstrap = bootstrap))
