# What R prints of the examples on the help pages of lme4, lmerTest and pbkrtest, where they are
# linear mixed models of data that are packaged here, or are kept in the record (ham, carrots and
# TVbo of lmerTest, beets of pbkrtest: the columns that the examples use).
#
# Writes help_pages.json beside itself, or to the file named:  Rscript help_pages.R [FILE]
# The expressions are those of the pages as far as R's answer depends on them.
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "..", "methods", "data.R"))
suppressMessages({library(lmerTest); library(pbkrtest)})

shown <- list()
# What `value` prints, under the page's name and a number; plain frames of numbers on lines as long
# as they need be.
keep <- function(page, value) {
  plain <- is.data.frame(value) && !inherits(value, "anova")
  options(width = if (plain) 300 else 80)
  lines <- suppressMessages(suppressWarnings(capture.output(print(value))))
  number <- sum(startsWith(as.character(names(shown)), paste0(page, " "))) + 1
  shown[[paste(page, number)]] <<- lines
}
quiet <- function(x) suppressMessages(suppressWarnings(x))
lmer4 <- lme4::lmer

# --- lme4
page <- "lme4 Dyestuff"
keep(page, lmer4(Yield ~ 1 | Batch, Dyestuff))
keep(page, quiet(lmer4(Yield ~ 1 | Batch, Dyestuff2)))
page <- "lme4 Pastes"
Pastes <- within(Pastes, batch <- reorder(batch, strength))
Pastes <- within(Pastes, sample <- reorder(reorder(sample, strength), as.numeric(batch)))
p1 <- lmer4(strength ~ (1 | batch) + (1 | sample), Pastes)
p4 <- quiet(lmer4(strength ~ (1 | batch / sample), Pastes))
keep(page, p1)
keep(page, lmer4(strength ~ (1 | batch / cask), Pastes))
keep(page, lmer4(strength ~ (1 | batch) + (1 | batch:cask), Pastes))
keep(page, p4)
keep(page, head(ranef(p1)[[1]]))
keep(page, quiet(lmer4(strength ~ (1 | batch) + (1 | cask), Pastes)))
page <- "lme4 Penicillin"
keep(page, lmer4(diameter ~ (1 | plate) + (1 | sample), Penicillin))
page <- "lme4 sleepstudy"
keep(page, lmer4(Reaction ~ Days + (Days | Subject), sleepstudy, subset = Days >= 2))
keep(page, lmer4(Reaction ~ Days + (1 | Subject) + (0 + Days | Subject), sleepstudy,
                 subset = Days >= 2))
page <- "lme4 cake"
fm1 <- lmer4(angle ~ recipe * temperature + (1 | recipe:replicate), cake, REML = FALSE)
fm2 <- lmer4(angle ~ recipe + temperature + (1 | recipe:replicate), cake, REML = FALSE)
fm3 <- lmer4(angle ~ recipe + temp + (1 | recipe:replicate), cake, REML = FALSE)
keep(page, fm1)
keep(page, fm2)
keep(page, fm3)
keep(page, anova(fm3, fm2, fm1))
page <- "lme4 lmer"
fm1 <- lmer4(Reaction ~ Days + (Days | Subject), sleepstudy)
fm2 <- lmer4(Reaction ~ Days + (Days || Subject), sleepstudy)
keep(page, summary(fm1))
keep(page, fm2)
keep(page, quiet(anova(fm1, fm2)))
keep(page, as.matrix(vcov(fm2)))
Orthodont$nsex <- as.numeric(Orthodont$Sex == "Male")
Orthodont$nsexage <- with(Orthodont, nsex * age)
# Two of its variances are zero, and lme4 stops a little before that: by the criterion only.
keep(page, REMLcrit(quiet(lmer4(distance ~ age + (age | Subject) + (0 + nsex | Subject) +
                                  (0 + nsexage | Subject), data = as.data.frame(Orthodont)))))
page <- "lme4 VarCorr"
vc <- VarCorr(lmer4(distance ~ age + (age | Subject), data = as.data.frame(Orthodont)))
keep(page, vc)
keep(page, as.data.frame(vc))
keep(page, as.data.frame(vc, order = "lower.tri"))
page <- "lme4 drop1"
keep(page, drop1(fm1, test = "Chisq"))
page <- "lme4 fixef"
keep(page, fixef(lmer4(Reaction ~ Days + (1 | Subject) + (0 + Days | Subject), sleepstudy)))
page <- "lme4 hatvalues"
keep(page, unname(hatvalues(fm1))[1:10])
page <- "lme4 ranef"
keep(page, ranef(fm1)$Subject)
keep(page, ranef(lmer4(Reaction ~ Days + (1 | Subject) + (0 + Days | Subject), sleepstudy))$Subject)
keep(page, ranef(lmer4(diameter ~ (1 | plate) + (1 | sample), Penicillin))$plate)
keep(page, ranef(lmer4(diameter ~ (1 | plate) + (1 | sample), Penicillin))$sample)
page <- "lme4 rePCA"
keep(page, rePCA(fm1)$Subject$sdev)
page <- "lme4 ngrps"
keep(page, ngrps(lmer4(Reaction ~ 1 | Subject, sleepstudy)))
keep(page, ngrps(lmer4(strength ~ (1 | batch / cask), Pastes)))
page <- "lme4 confint"
keep(page, confint(fm1, method = "Wald")[5:6, ])
keep(page, quiet(confint(fm2)))
page <- "lme4 profile"
dye <- lmer4(Yield ~ 1 | Batch, Dyestuff, REML = FALSE)
keep(page, quiet(confint(profile(dye))))
page <- "lme4 bootMer"
my_summary <- function(.) {
  s <- sigma(.)
  c(beta = getME(., "beta"), sigma = s, sig01 = unname(s * getME(., "theta")))
}
set.seed(101)
boo <- quiet(bootMer(dye, my_summary, nsim = 100))
keep(page, boo$t0)
keep(page, colMeans(boo$t) - boo$t0)
keep(page, apply(boo$t, 2, stats::sd))
keep(page, quiet(confint(boo)))
keep(page, quiet(confint(boo, type = "norm")))
keep(page, quiet(confint(boo, type = "basic")))
page <- "lme4 modular"
opt <- lme4::optimizeLmer(do.call(lme4::mkLmerDevfun, lme4::lFormula(
  Reaction ~ Days + (Days | Subject), sleepstudy)))
keep(page, c(opt$par, opt$fval))

# --- lmerTest
page <- "lmerTest anova"
m <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy)
keep(page, anova(m))
keep(page, anova(m, ddf = "lme4"))
keep(page, anova(m, ddf = "Kenward-Roger"))
page <- "lmerTest as.data.frame"
cake$Temp <- factor(cake$temperature, ordered = FALSE)
keep(page, as.data.frame(ls_means(lmer(angle ~ recipe + Temp + (1 | recipe:replicate), cake)),
                         add_levels = FALSE)[1:9, ])
page <- "lmerTest contest"
curved <- lmer(Reaction ~ Days + I(Days^2) + (1 | Subject) + (0 + Days | Subject), sleepstudy)
keep(page, contest(curved, c(0, 0, 1)))
keep(page, contest(curved, L = c(0, 0, 1), joint = FALSE))
keep(page, contest(curved, L = diag(3)[2:3, ]))
keep(page, contest(curved, L = diag(3)[2:3, ], joint = FALSE))
keep(page, contest(curved, L = diag(3)[3, ], joint = FALSE, level = 0.99))
two <- subset(cake, temperature %in% c("175", "185") & !(recipe == "C" & temperature == "185"))
two$temperature <- factor(as.character(two$temperature))
two <- droplevels(two)
keep(page, fixef(quiet(lmer(angle ~ recipe * temperature + (1 | recipe:replicate), two))))
page <- "lmerTest contest1D"
keep(page, contest1D(m, c(1, 0), confint = TRUE))
keep(page, contest1D(m, c(0, 1), confint = TRUE))
keep(page, summary(m))
keep(page, contest1D(m, c(0, 1), confint = TRUE, rhs = 10))
page <- "lmerTest contestMD"
L <- rbind(c(0, 1, 0), c(0, 0, 1))
keep(page, contestMD(curved, L))
keep(page, contestMD(curved, L, rhs = c(5, .1)))
keep(page, contestMD(curved, L[2, , drop = FALSE]))
keep(page, contest1D(curved, L[2, , drop = TRUE]))
page <- "lmerTest drop1"
additive <- lmer(angle ~ recipe + temp + (1 | recipe:replicate), cake)
keep(page, drop1(additive))
keep(page, drop1(additive, ddf = "Kenward-Roger"))
keep(page, drop1(additive, ddf = "lme4", test = "Chi"))
bent <- lmer(Reaction ~ Days + I(Days^2) + (Days | Subject), sleepstudy)
keep(page, drop1(bent))
keep(page, drop1(lmer(Reaction ~ poly(Days, 2) + (Days | Subject), sleepstudy)))
page <- "lmerTest ls_means"
sloped <- lmer(angle ~ recipe * temp + (1 | recipe:replicate), cake)
keep(page, ls_means(sloped))
keep(page, ls_means(sloped, pairwise = TRUE))
page <- "lmerTest plot.ls_means"
crossed <- lmer(angle ~ recipe * Temp + (1 | recipe:replicate), cake)
keep(page, as.data.frame(ls_means(crossed), add_levels = FALSE))
keep(page, as.data.frame(ls_means(crossed, which = "Temp", pairwise = TRUE), add_levels = FALSE))
page <- "lmerTest ranova"
keep(page, ranova(m))
keep(page, anova(m, lmer(Reaction ~ Days + (1 | Subject), sleepstudy), refit = FALSE))
keep(page, ranova(m, reduce.terms = FALSE))
tv <- quiet(lmer(Coloursaturation ~ TVset * Picture + (TVset | Assessor), data = TVbo))
keep(page, quiet(ranova(tv)))
page <- "lmerTest show_tests"
keep(page, anova(sloped, type = "3"))
keep(page, anova(sloped, type = "1"))
keep(page, anova(sloped, type = "2"))
page <- "lmerTest summary"
apart <- lmer(Reaction ~ Days + (1 | Subject) + (0 + Days | Subject), sleepstudy)
keep(page, summary(apart))
keep(page, coef(summary(apart)))
keep(page, summary(apart, ddf = "Kenward-Roger"))
keep(page, coef(summary(apart, ddf = "lme4")))
page <- "lmerTest carrots"
keep(page, anova(lmer(Preference ~ sens2 + Homesize + (1 + sens2 | Consumer), data = carrots)))
page <- "lmerTest ham"
keep(page, anova(lmer(Informed.liking ~ Product * Information + (1 | Consumer), data = ham)))
page <- "lmerTest TVbo"
fm <- lmer(Coloursaturation ~ TVset + Picture + (1 | Assessor:TVset) + (1 | Assessor), data = TVbo)
keep(page, quiet(ranova(fm)))
keep(page, anova(fm))
page <- "lmerTest lmerTest-package"
fm <- lmer(Informed.liking ~ Gender + Information * Product + (1 | Consumer) +
             (1 | Consumer:Product), data = ham)
keep(page, summary(fm))
keep(page, anova(fm))
keep(page, anova(fm, type = 2, ddf = "Kenward-Roger"))
keep(page, ranova(fm))
keep(page, ls_means(fm))
keep(page, ls_means(fm, which = "Product", pairwise = TRUE))
keep(page, contest(fm, L = diag(length(fixef(fm)))[2:3, ]))

# --- pbkrtest
four <- lmer4(Reaction ~ Days + (Days | Subject), sleepstudy)
without <- lmer4(Reaction ~ 1 + (Days | Subject), sleepstudy)
page <- "pbkrtest kr-modcomp"
keep(page, quiet(anova(four, without)))
kr <- function(large, small) {
  found <- KRmodcomp(large, small)
  vapply(c("Fstat", "ndf", "ddf", "F.scaling", "p.value"), function(x) as.numeric(getKR(found, x)), 0)
}
keep(page, kr(four, without))
keep(page, kr(lmer4(Reaction ~ Days + (1 | Subject) + (0 + Days | Subject), sleepstudy),
              lmer4(Reaction ~ 1 + (1 | Subject) + (0 + Days | Subject), sleepstudy)))
page <- "pbkrtest get_ddf_Lb"
keep(page, get_Lb_ddf(four, c(0, 1)))
page <- "pbkrtest vcovAdj"
keep(page, as.matrix(vcovAdj(four)) / as.matrix(vcov(four)))
page <- "pbkrtest pb-modcomp"
data(beets, package = "pbkrtest")
sug <- quiet(lmer4(sugpct ~ block + sow + harvest + (1 | block:harvest), beets, REML = FALSE))
keep(page, anova(sug, update(sug, . ~ . - harvest)))
keep(page, quiet(anova(sug, update(sug, . ~ . - sow))))
page <- "pbkrtest sat-modcomp"
keep(page, unlist(SATmodcomp(four, cbind(0, 1))$test[c("statistic", "ndf", "ddf", "p.value")]))
keep(page, unlist(SATmodcomp(lmer4(Reaction ~ Days + I(Days^2) + (Days | Subject), sleepstudy),
                             rbind(c(0, 1, 0), c(0, 0, 1)))$test[
  c("statistic", "ndf", "ddf", "p.value")]))

# Where lme4 stops early: the criteria that it reaches.
early <- c(
  REMLcrit(lmer4(Reaction ~ Days + (1 | Subject) + (0 + Days | Subject), sleepstudy,
                 subset = Days >= 2)),
  REMLcrit(lmer4(distance ~ age + (age | Subject), data = as.data.frame(Orthodont))),
  REMLcrit(lmer4(Preference ~ sens2 + Homesize + (1 + sens2 | Consumer), data = carrots)))

columns <- function(d) {
  lapply(d, function(x) {
    found <- if (is.factor(x)) levels(x) else sort(unique(x))
    codes <- if (is.factor(x)) as.integer(x) else match(x, found)
    codes[is.na(codes)] <- 0L
    list(codes = codes - 1L, values = if (is.factor(x)) found else exact(found),
         factor = unbox(is.factor(x)))
  })
}
frames <- list(
  ham = ham[c("Consumer", "Product", "Informed.liking", "Information", "Gender")],
  carrots = carrots[c("Consumer", "Homesize", "Preference", "sens2")],
  TVbo = TVbo[c("Assessor", "TVset", "Picture", "Coloursaturation")],
  beets = beets[c("harvest", "block", "sow", "sugpct")])
source_of <- function(p) unbox(paste("R package", p, packageVersion(p), packageDescription(p)$License))
write_record("help_pages", list(
  packages = list(lmerTest = source_of("lmerTest"), pbkrtest = source_of("pbkrtest")),
  frames = lapply(frames, columns), early = exact(early), shown = shown))
