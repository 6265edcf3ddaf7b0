# lme4's profiles: the points it computed, and the limits it reads off a spline through them.
#
# Writes profile.json beside itself, or to the file named:  Rscript profile.R [FILE]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "data.R"))

cases <- list(
  list(data = "sleepstudy", formula = "Reaction ~ Days + (Days | Subject)", reml = TRUE),
  list(data = "sleep+", formula = "Reaction ~ Days + (Days || Subject)", reml = FALSE, weights = "w"),
  list(data = "Dyestuff", formula = "Yield ~ 1 + (1 | Batch)", reml = FALSE),
  list(data = "Dyestuff2", formula = "Yield ~ 1 + (1 | Batch)", reml = FALSE),
  list(data = "Penicillin", formula = "diameter ~ 1 + (1 | plate) + (1 | sample)", reml = TRUE),
  list(data = "Pastes", formula = "strength ~ 1 + (1 | batch/cask)", reml = FALSE),
  list(data = "cake", formula = "angle ~ recipe + temp + (1 | recipe:replicate)", reml = TRUE)
)

limits <- function(fit, ...) {
  found <- suppressWarnings(suppressMessages(confint(fit, quiet = TRUE, ...)))
  list(rows = rownames(found), columns = colnames(found), values = exact(found))
}

record <- function(case) {
  own <- prepared(case$data)
  assign("own", own, globalenv())
  weights <- if (is.null(case$weights)) NULL else as.name(case$weights)
  fit <- suppressMessages(eval(bquote(
    lmer(.(as.formula(case$formula)), data = own, REML = .(case$reml), weights = .(weights)))))
  points <- suppressWarnings(suppressMessages(profile(fit)))
  value <- vapply(seq_len(nrow(points)), function(i) points[i, as.character(points$.par[i])], 1)
  c(described(case, fit), list(
    par = as.character(points$.par), zeta = exact(points$.zeta), value = exact(value),
    everything = list(names = setdiff(names(points), c(".zeta", ".par")),
                      values = exact(as.matrix(points[setdiff(names(points), c(".zeta", ".par"))]))),
    profile95 = limits(fit), profile80 = limits(fit, level = 0.8),
    readable = limits(fit, oldNames = FALSE)$rows,
    wald = limits(fit, method = "Wald"), wald_beta = limits(fit, method = "Wald", parm = "beta_",
                                                           level = 0.9),
    theta_rows = limits(fit, parm = "theta_")$rows))
}

# On the scale of variances the limits must be the squares of those of the standard deviations.
varcov <- function() {
  fit <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy)
  both <- lapply(c(sdcor = "sdcor", varcov = "varcov"), function(scale) {
    found <- suppressWarnings(confint(profile(fit, prof.scale = scale, signames = FALSE)))
    list(rows = rownames(found), values = exact(found))
  })
  both
}

write_record("profile", list(cases = lapply(cases, record), scales = varcov()))
