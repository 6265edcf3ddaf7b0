# Fits that tests/parity/test_r_fits.py reads, and what R's own functions say of each:
# Rscript fits_of_r.R <folder>
suppressMessages(library(lme4))
folder <- commandArgs(TRUE)[1]
exact <- function(x) paste0("[", paste0("\"", sprintf("%.17g", as.vector(x)), "\"", collapse = ","), "]")
said <- character()
put <- function(name, fit) {
  saveRDS(fit, file.path(folder, paste0(name, ".rds")))
  values <- list(theta = getME(fit, "theta"), beta = fixef(fit), u = getME(fit, "u"),
                 sigma = sigma(fit), fitted = fitted(fit), logLik = logLik(fit),
                 errors = sqrt(diag(as.matrix(vcov(fit)))), residuals = residuals(fit),
                 hat = hatvalues(fit))
  names <- paste0("[", paste0("\"", names(fixef(fit)), "\"", collapse = ","), "]")
  fields <- c(sprintf("\"%s\":%s", names(values), vapply(values, exact, "")),
              sprintf("\"names\":%s", names))
  said <<- c(said, sprintf("\"%s\":{%s}", name, paste(fields, collapse = ",")))
}
quietly <- function(x) suppressWarnings(suppressMessages(x))
d <- sleepstudy
d$w <- rep(c(1, 2.5, 0.5), 60)
d$f <- factor(d$Days %% 3, labels = c("a", "b", "c"))
d$o <- factor(d$Days %/% 4, labels = c("lo", "mid", "hi"), ordered = TRUE)
d$l <- d$Days > 4
d$s <- c("x", "y")[1 + d$Days %% 2]
d$h <- factor(as.integer(d$Subject) %% 6)
d$Reaction[c(5, 70)] <- NA
own <- function(n) matrix(c(-1, 0.5, 0.5, 0, -1, 1), 3)

put("plain", lmer(Reaction ~ Days + (Days | Subject), sleepstudy, REML = FALSE))
put("weights", lmer(Reaction ~ Days + (1 | Subject), d, weights = w, offset = 2 * w))
put("log", lmer(log(Reaction / 10) ~ Days + (1 | Subject), d))
put("poly", quietly(lmer(log(Reaction) ~ poly(Days, 2) * f + scale(w) + offset(log(w)) +
                           (1 | h / Subject), d, subset = Days < 9)))
put("factors", lmer(Reaction ~ f + o + l + s + (1 | Subject), d))
put("sum", lmer(Reaction ~ f + o + (1 | Subject), d, contrasts = list(f = "contr.sum")))
put("own_contrasts", lmer(Reaction ~ f + (1 | Subject), d, contrasts = list(f = own(3))))
put("square", lmer(Reaction ~ Days + I(Days^2) + sqrt(w) + (1 | Subject), d))
put("powers", lmer(scale(Reaction) ~ I(Days^3) + exp(-w) + I(1 / w) + (1 | Subject), d))
put("dot", quietly(lmer(Reaction ~ . + (1 | batch), within(sleepstudy, batch <- factor(Days %% 3)))))
put("crossed", lmer(diameter ~ 1 + (1 | plate) + (1 | sample), Penicillin))
put("nested", lmer(strength ~ 1 + (1 | batch / cask), Pastes))
put("interaction", lmer(angle ~ recipe * temperature + (1 | recipe:replicate), cake))
put("bars", lmer(Reaction ~ Days + (Days || Subject), sleepstudy))
put("exclude", lmer(Reaction ~ Days + (Days | Subject), d, na.action = na.exclude))
z <- d$Days / 3
put("beside", lmer(Reaction ~ z + (1 | Subject), d))
put("refit", refit(lmer(Yield ~ 1 + (1 | Batch), Dyestuff), Dyestuff2$Yield))
local({
  held <- d
  put("held", lmer(Reaction ~ I(Days^2) + (1 | Subject), held))
})
put("early", quietly(lmer(Reaction ~ Days + (Days | Subject), sleepstudy, control =
  lmerControl(optimizer = "nloptwrap", optCtrl = list(maxeval = 8)))))
# Those that cannot be read.
put("squared", lmer(Reaction ~ I(Days^2) + (1 | Subject), d))
power <- 2
put("variable", lmer(Reaction ~ Days + I(Days^power) + (1 | Subject), d))
mine <- function(x) x^2
put("function", lmer(Reaction ~ mine(Days) + (1 | Subject), d))
moved <- lmer(Reaction ~ Days + (1 | Subject), sleepstudy)
moved@beta <- moved@beta * 1.001
put("tampered", moved)
changed <- lmer(Reaction ~ Days + (1 | Subject), sleepstudy)
changed@frame$Days <- rev(changed@frame$Days)
put("changed", changed)
options(contrasts = c("contr.sum", "contr.poly"))
put("random_contrasts", quietly(lmer(angle ~ 1 + (recipe | replicate), cake)))
saveRDS(quietly(glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, binomial)),
        file.path(folder, "glmm.rds"))
start <- c(Asym = 200, xmid = 725, scal = 350)
saveRDS(quietly(nlmer(circumference ~ SSlogis(age, Asym, xmid, scal) ~ Asym | Tree, Orange,
                      start = start)), file.path(folder, "nlmm.rds"))
saveRDS(lm(Reaction ~ Days, d), file.path(folder, "lm.rds"))
writeLines("no R", file.path(folder, "text.rds"))
utils::write.csv(d, file.path(folder, "d.csv"), row.names = FALSE)
writeLines(paste0("{", paste(said, collapse = ",\n"), "}"), file.path(folder, "said.json"))
