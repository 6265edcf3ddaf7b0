# How lme4 compares models: anova(), drop1(), as numbers and as printed.
#
# Writes compare.json beside itself, or to the file named:  Rscript compare.R [FILE]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "data.R"))
options(width = 80)

numbers <- function(table) {
  list(columns = names(table), rows = row.names(table),
       values = lapply(unclass(as.data.frame(table)), exact))
}
said <- function(expression) {
  messages <- character(0)
  value <- withCallingHandlers(expression, message = function(m) {
    messages <<- c(messages, sub("\n$", "", conditionMessage(m)))
    invokeRestart("muffleMessage")
  }, warning = function(w) {
    messages <<- c(messages, conditionMessage(w))
    invokeRestart("muffleWarning")
  })
  list(value = value, messages = messages)
}

comparisons <- list(
  list("sleepstudy", c("Reaction ~ Days + (Days | Subject)", "Reaction ~ Days + (1 | Subject)",
                       "Reaction ~ 1 + (1 | Subject)"), c(TRUE, TRUE, FALSE), TRUE),
  list("sleepstudy", c("Reaction ~ Days + (Days | Subject)", "Reaction ~ Days + (Days || Subject)"),
       c(TRUE, TRUE), FALSE),
  list("sleepstudy", c("Reaction ~ Days + (1 | Subject)", "Reaction ~ I(Days^2) + (1 | Subject)"),
       c(FALSE, FALSE), TRUE),
  list("cake", c("angle ~ recipe * temperature + (1 | recipe:replicate)",
                 "angle ~ recipe + temp + (1 | recipe:replicate)",
                 "angle ~ temp + (1 | recipe:replicate)"), c(TRUE, TRUE, TRUE), TRUE),
  list("Penicillin", c("diameter ~ 1 + (1 | plate) + (1 | sample)", "diameter ~ 1 + (1 | sample)"),
       c(TRUE, FALSE), TRUE),
  list("Orthodont", c("log(distance) ~ age * Sex + (age | Subject)",
                      "log(distance) ~ age * Sex + (1 | Subject)",
                      "log(distance) ~ age + Sex + (1 | Subject)"), c(TRUE, TRUE, TRUE), TRUE),
  list("sleepstudy", c("Reaction ~ Days + (Days | Subject)", "Reaction ~ Days + (1 | Subject)"),
       c(TRUE, FALSE), FALSE)
)
compared <- lapply(comparisons, function(one) {
  fits <- Map(function(f, reml) {
    suppressMessages(lmer(as.formula(f), get(one[[1]]), REML = reml))
  }, one[[2]], one[[3]])
  names(fits) <- paste0("m", seq_along(fits))
  made <- said(do.call(anova, c(unname(fits), list(refit = one[[4]], model.names = names(fits)))))
  attr(made$value, "heading")[1] <- "Data: x"
  # Called by do.call, lme4 finds no formula in the call; it is put in here.
  list(data = unbox(one[[1]]), formulas = one[[2]], reml = one[[3]], refit = unbox(one[[4]]),
       messages = I(made$messages), table = numbers(made$value),
       text = capture.output(print(structure(made$value, heading = NULL))))
})

single <- lapply(list(
  list("sleepstudy", "Reaction ~ Days + (Days | Subject)", TRUE),
  list("sleepstudy", "Reaction ~ poly(Days, 3) + (1 | Subject)", FALSE),
  list("cake", "angle ~ recipe * temperature + (1 | recipe:replicate)", TRUE),
  list("cake", "angle ~ 0 + recipe + temp:recipe + (1 | recipe:replicate)", TRUE),
  list("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", TRUE)
), function(one) {
  fit <- suppressMessages(lmer(as.formula(one[[2]]), get(one[[1]]), REML = one[[3]]))
  list(data = unbox(one[[1]]), formula = unbox(one[[2]]), reml = unbox(one[[3]]),
       theta = exact(getME(fit, "theta")), table = numbers(anova(fit)),
       text = capture.output(print(anova(fit))))
})

dropped <- lapply(list(
  list("sleepstudy", "Reaction ~ Days + (Days | Subject)", TRUE, NULL, 2),
  list("cake", "angle ~ recipe * temperature + (1 | recipe:replicate)", TRUE, NULL, 2),
  list("cake", "angle ~ recipe + temp + (1 | recipe:replicate)", FALSE, NULL, log(270)),
  list("cake", "angle ~ recipe * temp + (1 | recipe:replicate)", TRUE, c("recipe", "temp"), 2),
  list("Orthodont", "log(distance) ~ age * Sex + (age | Subject)", TRUE, NULL, 2)
), function(one) {
  formula <- as.formula(one[[2]])
  fit <- suppressMessages(eval(bquote(lmer(.(formula), .(as.name(one[[1]])), REML = .(one[[3]])))))
  given <- if (is.null(one[[4]])) list() else list(scope = one[[4]])
  tables <- lapply(c(none = "none", Chisq = "Chisq"), function(test) {
    table <- suppressMessages(do.call(drop1, c(list(fit, test = test, k = one[[5]]), given)))
    list(table = numbers(table), text = capture.output(print(table)))
  })
  list(data = unbox(one[[1]]), formula = unbox(one[[2]]), reml = unbox(one[[3]]), scope = one[[4]],
       k = unbox(exact(one[[5]])), tables = tables)
})

p_values <- lapply(1:200, function(i) {
  set.seed(i)
  p <- sample(c(runif(3), 10^runif(3, -25, 0), 0, 1), sample(1:6, 1))
  digits <- sample(2:5, 1)
  list(p = exact(p), digits = unbox(digits), text = I(format.pval(p, digits)))
})

varcorr <- lapply(list(
  list("sleepstudy", "Reaction ~ Days + (Days | Subject)"),
  list("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)")
), function(one) {
  fit <- lmer(as.formula(one[[2]]), get(one[[1]]))
  list(data = unbox(one[[1]]), formula = unbox(one[[2]]), theta = exact(getME(fit, "theta")),
       both = capture.output(print(VarCorr(fit), comp = c("Variance", "Std.Dev."))),
       variance = capture.output(print(VarCorr(fit), comp = "Variance")),
       digits3 = capture.output(print(VarCorr(fit), digits = 3)))
})

write_record("compare", list(compared = compared, single = single, dropped = dropped,
                             p_values = p_values, varcorr = varcorr))
