# Marginal means and tests of random terms by lmerTest: ls_means(), ranova().
#
# Writes means.json beside itself, or to the file named:  Rscript means.R [FILE]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "..", "methods", "data.R"))
suppressMessages(library(lmerTest))
options(width = 80)

numbers <- function(table) {
  list(columns = names(table), rows = row.names(table),
       values = lapply(unclass(as.data.frame(table)), exact))
}
silently <- function(x) suppressMessages(suppressWarnings(x))
fitted_as <- function(formula, data, reml) {
  silently(eval(bquote(lmer(.(as.formula(formula)), data, REML = .(reml)))))
}

means <- lapply(list(
  list("cake", "angle ~ recipe * temp + (1 | recipe:replicate)", TRUE, "recipe"),
  list("cake", "angle ~ recipe * temperature + (1 | recipe:replicate)", TRUE, "temperature"),
  list("cake", "angle ~ recipe * temperature + temp + (1 | replicate)", FALSE, "recipe:temperature"),
  list("Orthodont", "distance ~ age * Sex + (age | Subject)", TRUE, "Sex"),
  list("sleep NA", "Reaction ~ Days * sex + (Days | Subject)", TRUE, "sex"),
  list("Oxide", "Thickness ~ Source * Site + (1 | Lot/Wafer)", TRUE, "Source:Site")
), function(one) {
  data <- prepared(one[[1]])
  fit <- fitted_as(one[[2]], data, one[[3]])
  ways <- if (one[[3]]) c("Satterthwaite", "Kenward-Roger") else "Satterthwaite"
  tables <- lapply(setNames(ways, ways), function(way) {
    found <- lapply(c(means = FALSE, pairs = TRUE), function(pairwise) {
      table <- silently(ls_means(fit, which = one[[4]], level = 0.9, ddf = way, pairwise = pairwise))
      numbers(as.data.frame(table)[c("Estimate", "Std. Error", "df", "t value", "lower", "upper",
                                     "Pr(>|t|)")])
    })
    t <- found$pairs$values[["t value"]]
    k <- length(found$means$rows)
    found$tukey <- exact(ptukey(sqrt(2) * abs(as.numeric(t)), k,
                                as.numeric(found$pairs$values$df), lower.tail = FALSE))
    found
  })
  list(data = unbox(one[[1]]), formula = unbox(one[[2]]), reml = unbox(one[[3]]),
       specs = strsplit(one[[4]], ":")[[1]], theta = exact(getME(fit, "theta")), tables = tables)
})

random <- lapply(list(
  list("sleepstudy", "Reaction ~ Days + (Days | Subject)", TRUE),
  list("sleepstudy", "Reaction ~ Days + (Days | Subject)", FALSE),
  list("sleepstudy", "Reaction ~ Days + (Days || Subject)", TRUE),
  list("sleepstudy", "Reaction ~ Days + (1 | Subject)", TRUE),
  list("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", TRUE),
  list("Pastes", "strength ~ 1 + (1 | batch/cask)", FALSE),
  list("Oxide", "Thickness ~ Source + (Source | Lot) + (1 | Lot:Wafer)", TRUE)
), function(one) {
  data <- prepared(one[[1]])
  fit <- fitted_as(one[[2]], data, one[[3]])
  tables <- lapply(c(reduced = TRUE, whole = FALSE), function(reduce) {
    table <- silently(ranova(fit, reduce.terms = reduce))
    list(table = numbers(table), text = capture.output(print(table)))
  })
  list(data = unbox(one[[1]]), formula = unbox(one[[2]]), reml = unbox(one[[3]]), tables = tables)
})
versions <- list(lmerTest = unbox(as.character(packageVersion("lmerTest"))))
write_record("means", list(packages = versions, means = means, random = random))
