# lme4's influence(): estimates without each group of rows, and what it makes of them.
#
# Writes influence.json beside itself, or to the file named:  Rscript influence.R [FILE]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "data.R"))

cases <- list(
  list(data = "sleepstudy", formula = "Reaction ~ Days + (Days | Subject)", reml = TRUE,
       groups = "Subject"),
  list(data = "sleep+", formula = "Reaction ~ Days + (1 | Subject)", reml = FALSE, weights = "w",
       groups = "sex"),
  list(data = "sleepstudy", formula = "Reaction ~ Days + (Days || Subject)", reml = FALSE,
       groups = "Subject"),
  list(data = "Dyestuff", formula = "Yield ~ 1 + (1 | Batch)", reml = TRUE, groups = "case"),
  list(data = "Penicillin", formula = "diameter ~ 1 + (1 | plate) + (1 | sample)", reml = TRUE,
       groups = "sample"),
  list(data = "Pastes", formula = "strength ~ 1 + (1 | batch/cask)", reml = TRUE, groups = "batch"),
  list(data = "Orthodont", formula = "distance ~ I(age - 11) * Sex + (1 | Subject)", reml = TRUE,
       groups = "age")
)

record <- function(case) {
  own <- prepared(case$data)
  assign("own", own, globalenv())
  weights <- if (is.null(case$weights)) NULL else as.name(case$weights)
  fit <- suppressMessages(eval(bquote(
    lmer(.(as.formula(case$formula)), data = own, REML = .(case$reml), weights = .(weights)))))
  found <- suppressMessages(suppressWarnings(
    if (case$groups == "case") influence(fit) else influence(fit, case$groups)))
  without <- function(what) found[[paste0(what, "[-", case$groups, "]")]]
  c(described(case, fit), list(
    groups = unbox(case$groups), deleted = as.character(found$deleted),
    components = names(found$var.cov.comps), dim = dim(without("fixed.effects")),
    fixed = exact(without("fixed.effects")), var_cov = exact(without("var.cov.comps")),
    dfbeta = exact(dfbeta(found)), dfbeta_var_cov = exact(dfbeta(found, which = "var.cov")),
    # With a single fixed effect lme4's dfbetas() is an error.
    dfbetas = if (ncol(without("fixed.effects")) > 1) exact(dfbetas(found)),
    cooks = exact(cooks.distance(found))))
}

write_record("influence", list(cases = lapply(cases, record)))
