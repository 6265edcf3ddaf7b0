# Intervals of the package boot for hand-made bootstraps, and its prints of both.
#
# Makes intervals.json beside itself:  Rscript intervals.R intervals.json
# A second argument is another seed, for a run that is compared live.
suppressMessages({library(boot); library(jsonlite)})
arguments <- commandArgs(TRUE)
set.seed(if (length(arguments) > 1) as.integer(arguments[2]) else 85957L)
# As short as it can be and still the same double.
exact <- function(v) {
  v <- as.double(v)
  short <- sprintf("%.15g", v)
  same <- !is.na(v) & suppressWarnings(as.double(short)) == v
  unbox(paste(ifelse(same, short, sprintf("%.17g", v)), collapse = " "))
}

skewed <- function(R) { t <- rgamma(R, 9, 3); cbind(t, t^2 / 9 * rgamma(R, 40, 40)) }
samples <- list(
  skewed = list(t0 = c(2.9, 0.9), t = skewed(999)),
  failures = list(t0 = c(2.8, 0.85), t = skewed(240)),
  ties = list(t0 = c(4, 4), t = cbind(rpois(199, 4), 1 + rpois(199, 3))),
  few = list(t0 = c(3, 1), t = skewed(19)),
  share = list(t0 = c(0.55, 0.01), t = cbind(rbeta(499, 6, 5), rgamma(499, 50, 5000))),
  negative = list(t0 = c(-12.5, 0.3), t = cbind(rnorm(99, -12, 0.6), rgamma(99, 30, 100))),
  large = list(t0 = c(1e6, 2.5e5), t = cbind(1e6 + 500 * rt(100, 5), 2.5e5 * rgamma(100, 9, 9))))
samples <- lapply(samples, function(s) list(t0 = s$t0, t = signif(s$t, 8)))
samples$failures$t[c(3, 77), ] <- NaN
samples$failures$t[5, 1] <- Inf
samples$failures$t[c(9, 10), 2] <- NaN
L <- c(rgamma(11, 2), -4) - 1.4

made <- function(sample) {
  b <- list(t0 = sample$t0, t = sample$t, R = nrow(sample$t), data = NULL, seed = 1, sim = "ordinary",
            stype = "i", call = quote(boot(data = NULL)), strata = 1, weights = 1)
  structure(b, class = "boot", boot_type = "boot")
}
scales <- list(
  none = list(),
  log = list(h = log, hdot = function(t) 1 / t, hinv = exp),
  logit = list(h = qlogis, hdot = function(t) 1 / (t * (1 - t)), hinv = plogis),
  root = list(h = sqrt, hdot = function(t) 0.5 / sqrt(t)),
  back = list(hinv = function(t) 100 * t))
every <- c(0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
given <- signif(rgamma(199, 20, 4), 8)
case <- function(sample, scale = "none", conf = every, type = "all", pair = TRUE, L_from = "L",
                 var_t0 = NULL, var_t = NULL, own_t = NULL, own_t0 = NULL)
  as.list(environment())
cases <- c(
  lapply(names(samples), case),
  lapply(c("skewed", "failures", "few", "large"), case, scale = "log"),
  lapply(c("skewed", "failures", "ties"), case, scale = "root"),
  lapply(c("skewed", "negative"), case, scale = "back"),
  list(
    case("share", "logit"),
    case("skewed", conf = 0.95), case("few", conf = 0.95), case("failures", conf = c(0.9, 0.95)),
    case("share", conf = 0.95, type = "perc", pair = FALSE),
    case("large", conf = 0.95, type = c("bca", "norm", "basic"), pair = FALSE),
    case("negative", "none", 0.9, c("stud", "perc", "norm", "bca")),
    case("skewed", "log", 0.95, c("perc", "norm")),
    case("share", "root", 0.95, c("perc", "norm", "basic"), FALSE),
    case("skewed", type = "norm", pair = FALSE, var_t0 = 0.7),
    case("skewed", "log", type = c("norm", "stud"), var_t0 = 0.7),
    case("ties", type = c("norm", "stud", "basic"), var_t0 = 5, var_t = given),
    case("ties", type = c("norm", "basic", "perc", "bca"), pair = FALSE, own_t = given,
         own_t0 = 4.9)))

answer <- function(case) {
  b <- made(samples[[case$sample]])
  extreme <- 0L
  arguments <- c(
    list(b, conf = case$conf, type = case$type, index = if (case$pair) 1:2 else 1, L = L,
         var.t0 = case$var_t0, var.t = case$var_t, t0 = case$own_t0, t = case$own_t),
    scales[[case$scale]])
  ci <- withCallingHandlers(do.call(boot.ci, arguments), warning = function(w) {
    if (grepl("extreme order", conditionMessage(w))) extreme <<- extreme + 1L
    invokeRestart("muffleWarning")
  })
  # do.call has put values into the call; the print asks it only whether h and hinv are there.
  ci$call <- as.call(c(quote(boot.ci), lapply(scales[[case$scale]], function(f) quote(f))))
  kinds <- intersect(names(ci), c("normal", "basic", "student", "percent", "bca"))
  c(lapply(case[c("sample", "scale", "type")], function(v) v),
    lapply(case["pair"], unbox),
    list(conf = exact(case$conf), R = unbox(ci$R), t0 = exact(ci$t0), extreme = unbox(extreme)),
    lapply(Filter(Negate(is.null), case[c("var_t0", "var_t", "own_t", "own_t0")]), exact),
    list(intervals = sapply(kinds, function(k) exact(t(ci[[k]])), simplify = FALSE),
         print = capture.output(print(ci))))
}

tables <- list(
  mixed = list(t0 = c(1527.5, 0.5768188, 12), t = cbind(rnorm(50, 1527, 18), rbeta(50, 5, 4), NA)),
  small = list(t0 = c(0, 3e-9), t = cbind(rnorm(30, 0, 1e-3), rgamma(30, 9, 3e9))),
  wide = list(t0 = c(1e6, -2), t = cbind(rnorm(40, 1e6, 1), rnorm(40, -2, 1e-5))))
table_answer <- function(sample) list(
  t0 = exact(sample$t0), rows = unbox(nrow(sample$t)), t = exact(t(sample$t)),
  print = capture.output(print(made(sample))))

# The remarks under the print, on both sides of where each begins.
cautions <- lapply(list(c(10, 50), c(10.01, 50), c(1, 50), c(1.01, 50), c(50, 90), c(50, 89.99),
                        c(50, 99), c(50, 98.99)), function(pair) {
  ci <- list(R = 99, t0 = 1, call = quote(boot.ci()), percent = cbind(0.95, pair[1], pair[2], 1, 2))
  list(ranks = exact(pair), print = capture.output(print(structure(ci, class = "bootci"))))
})

ranks <- c(signif(runif(300, 0, 2000), 9), outer(c(20, 100, 1002), (1:199) / 200), (1:400) / 8 + 0.005)
out <- list(
  provenance = list(R = unbox(R.version.string), boot = unbox(as.character(packageVersion("boot"))),
                    script = unbox("intervals.R")),
  L = exact(L),
  samples = lapply(samples, function(s)
    list(t0 = exact(s$t0), rows = unbox(nrow(s$t)), t = exact(t(s$t)))),
  cases = lapply(cases, answer),
  cautions = cautions,
  tables = lapply(tables, table_answer),
  rounding = list(values = exact(ranks), two = exact(round(ranks, 2)), one = exact(round(ranks, 1))))
write(toJSON(out, pretty = 0, digits = NA), arguments[1])
