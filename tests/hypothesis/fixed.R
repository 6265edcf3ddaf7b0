# Tests of fixed effects by lmerTest and pbkrtest: t-tests, contrasts, anova of types I, II and III.
#
# Writes fixed.json beside itself, or to the file named:  Rscript fixed.R [FILE]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "..", "methods", "data.R"))
suppressMessages({library(lmerTest); library(pbkrtest)})
options(width = 80)

# Cells of the cake data taken away, so that the types of sums of squares differ.
with_gaps <- function() {
  d <- as.data.frame(cake)
  d[-c(1:7, 20, 33, 34, 60:70, 100, 150:155, 201, 202, 240, 269), ]
}
own_data <- function(name) if (name == "cake gaps") with_gaps() else prepared(name)

cases <- list(
  list(data = "sleepstudy", formula = "Reaction ~ Days + (Days | Subject)", reml = TRUE),
  list(data = "sleepstudy", formula = "Reaction ~ Days + (Days | Subject)", reml = FALSE),
  list(data = "sleepstudy", formula = "Reaction ~ poly(Days, 2) + (Days || Subject)", reml = TRUE),
  list(data = "sleep NA", formula = "Reaction ~ Days * sex + (Days | Subject)", reml = TRUE),
  list(data = "Penicillin", formula = "diameter ~ 1 + (1 | plate) + (1 | sample)", reml = TRUE),
  list(data = "Pastes", formula = "strength ~ 1 + (1 | batch/cask)", reml = TRUE),
  list(data = "cake", formula = "angle ~ recipe * temperature + (1 | recipe:replicate)", reml = TRUE),
  list(data = "cake gaps", formula = "angle ~ recipe * temperature + (1 | recipe:replicate)",
       reml = TRUE),
  list(data = "cake gaps", formula = "angle ~ recipe * temp + temperature + (1 | recipe:replicate)",
       reml = TRUE),
  list(data = "cake gaps", formula = "angle ~ 0 + recipe + recipe:temp + (temp | replicate)",
       reml = TRUE),
  list(data = "cake gaps", formula = "angle ~ recipe * temperature + (1 | recipe:replicate)",
       reml = TRUE, contrasts = list(recipe = "contr.sum", temperature = "contr.helmert")),
  list(data = "Orthodont", formula = "distance ~ age * Sex + (age | Subject)", reml = TRUE),
  list(data = "Orthodont", formula = "distance ~ age * Sex + (1 | Subject)", reml = FALSE),
  list(data = "Oxide", formula = "Thickness ~ Source * Site + (1 | Lot/Wafer)", reml = TRUE),
  list(data = "Oxide", formula = "Thickness ~ Site + Site:Source + (1 | Lot)", reml = TRUE)
)

numbers <- function(table) {
  list(columns = names(table), rows = row.names(table),
       values = lapply(unclass(as.data.frame(table)), exact))
}
silently <- function(x) suppressMessages(suppressWarnings(x))

recorded <- lapply(cases, function(case) {
  data <- own_data(case$data)
  given <- case$contrasts
  formula <- as.formula(case$formula)
  fit <- silently(eval(bquote(lmer(.(formula), data, REML = .(case$reml), contrasts = .(given)))))
  p <- length(fixef(fit))
  ways <- if (case$reml) c("Satterthwaite", "Kenward-Roger") else "Satterthwaite"
  # Some contrasts, the last row the sum of the first two: of less than full rank.
  L <- outer(1:2, 1:p, function(i, j) round(3 * sin(7 * i + 5 * j)) + (i == j))
  L <- if (p > 1) rbind(L, L[1, ] + L[2, ]) else L[1, , drop = FALSE]
  first <- L[seq_len(min(2, p)), , drop = FALSE]
  tests <- lapply(setNames(ways, ways), function(way) {
    summary <- silently(summary(fit, ddf = way))
    text <- capture.output(printCoefmat(summary$coefficients, digits = 4))
    list(summary = numbers(as.data.frame(summary$coefficients)), text = text,
         joint = numbers(contest(fit, L, ddf = way)),
         rhs = numbers(contest(fit, first, rhs = seq_len(nrow(first)), ddf = way)),
         single = numbers(contest(fit, first, joint = FALSE, rhs = 0.5, ddf = way, level = 0.9)),
         anova = lapply(1:3, function(type) {
           table <- silently(anova(fit, type = type, ddf = way))
           # An interaction that lacks a main effect can be left without hypotheses.
           list(table = numbers(table), text = capture.output(print(table)))
         }))
  })
  list(data = unbox(case$data), formula = unbox(case$formula), reml = unbox(case$reml),
       contrasts = lapply(given, unbox), theta = exact(getME(fit, "theta")),
       L = lapply(seq_len(nrow(L)), function(i) exact(L[i, ])),
       vcov_adj = if (case$reml) exact(as.matrix(vcovAdj(fit))) else NULL, tests = tests)
})
versions <- list(lmerTest = unbox(as.character(packageVersion("lmerTest"))),
                 pbkrtest = unbox(as.character(packageVersion("pbkrtest"))))
write_record("fixed", list(packages = versions, cases = recorded))
