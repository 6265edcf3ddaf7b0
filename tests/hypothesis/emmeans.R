# Marginal means and their differences by the R package emmeans.
#
# Writes emmeans.json beside itself, or to the file named:  Rscript emmeans.R [FILE]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "..", "methods", "data.R"))
suppressMessages({library(lmerTest); library(emmeans)})

recorded <- lapply(list(
  list("cake", "angle ~ recipe * temp + (1 | recipe:replicate)", "recipe", NULL),
  list("cake", "angle ~ recipe * temp + (1 | recipe:replicate)", c("recipe", "temp"),
       list(temp = c(175, 200))),
  list("Orthodont", "distance ~ log(age) * Sex + (age | Subject)", "Sex", NULL),
  list("sleep NA", "Reaction ~ Days * sex + (Days | Subject)", "sex", list(Days = c(0, 9))),
  list("Oxide", "Thickness ~ Source * Site + (1 | Lot/Wafer)", "Source", NULL)
), function(one) {
  data <- prepared(one[[1]])
  fit <- suppressMessages(eval(bquote(lmer(.(as.formula(one[[2]])), data))))
  tables <- lapply(list(satterthwaite = "satterthwaite", `kenward-roger` = "kenward-roger"),
                   function(way) {
    grid <- suppressMessages(emmeans(fit, one[[3]], at = one[[4]], lmer.df = way, level = 0.9))
    means <- as.data.frame(grid)
    pairs <- as.data.frame(pairs(grid, adjust = "tukey"))
    list(rows = do.call(paste, means[one[[3]]]),
         means = lapply(means[c("emmean", "SE", "df", "lower.CL", "upper.CL")], exact),
         pairs = lapply(pairs[c("estimate", "SE", "df", "t.ratio", "p.value")], exact))
  })
  list(data = unbox(one[[1]]), formula = unbox(one[[2]]), reml = unbox(TRUE), specs = I(one[[3]]),
       at = one[[4]], theta = exact(getME(fit, "theta")), tables = tables)
})
versions <- list(emmeans = unbox(as.character(packageVersion("emmeans"))))
write_record("emmeans", list(packages = versions, cases = recorded))
