# What R makes of many formulas: fixed-effects matrix, random terms, grouping factors.
#
# Writes model_matrices.json beside itself:  Rscript model_matrices.R
# Every number is text with 17 significant digits, so no bit is lost.
suppressMessages(library(lme4))
library(jsonlite)

n <- 24
i <- seq_len(n)
data <- data.frame(
  y = round(sin(i * 1.7) * 3 + i / 10, 3),
  x = round(cos(i * 0.9) + i / 7, 2),
  z = (i * 7) %% 11,
  pos = 0.25 + ((i * 5) %% 13) / 4,
  a = factor(c("p", "q", "r")[(i * 2 + i %/% 5) %% 3 + 1]),
  b = factor(c("u", "v")[(i %/% 3) %% 2 + 1], levels = c("v", "u")),
  o = factor(c("low", "mid", "high", "top", "max")[(i * 3) %% 5 + 1],
             levels = c("low", "mid", "high", "top", "max"), ordered = TRUE),
  l = (i %% 4) < 2,
  s = c("beta", "alpha", "gamma")[(i * 5 + i %/% 4) %% 3 + 1],
  g = factor(paste0("g", (i - 1) %/% 4 + 1)),
  h = factor(c("A", "B", "C", "D")[(i * 3) %% 4 + 1]),
  t = factor(c("c1", "c2")[(i %% 2) + 1]),
  id = rep(c(10L, 2L, 33L, 4L), 6),
  half = rep(c(2.5, 10, 1), 8),
  `my col` = (i %% 6) / 2,
  check.names = FALSE
)

formulas <- c(
  "y ~ (1 | g)", "y ~ 1 + (1 | g)", "y ~ 0 + (1 | g)", "y ~ x + (x | g)", "y ~ -1 + x + (1 | g)",
  "y ~ x + -1 + (1 | g)", "y ~ x - 1 + 1 + (1 | g)", "y ~ 0 + x + z + (0 + x | g)",
  "y ~ a + (1 | g)", "y ~ 0 + a + (1 | g)", "y ~ a - 1 + (a | t)", "y ~ 0 + a + b + (1 | g)",
  "y ~ a * b + (1 | g)", "y ~ b * a + (1 | g)", "y ~ a:b + (1 | g)", "y ~ 0 + a:b + (1 | g)",
  "y ~ b + a:b + (1 | g)", "y ~ a + a:b + (1 | g)", "y ~ a / b + (1 | g)",
  "y ~ a %in% b + (1 | g)", "y ~ b + a %in% b + (1 | g)", "y ~ a * b %in% x + (1 | g)",
  "y ~ (a + b + x)^2 + (1 | g)", "y ~ a * b * x - a:b:x + (1 | g)", "y ~ (a + b) / x + (1 | g)",
  "y ~ a:x + (1 | g)", "y ~ x + a:x + (1 | g)", "y ~ 0 + x:a + (1 | g)", "y ~ x:z + (1 | g)",
  "y ~ a * x + (1 | g)", "y ~ x * a + (1 | g)", "y ~ x:a + a + (1 | g)", "y ~ 0 + x + a + (1 | g)",
  "y ~ o + (1 | g)", "y ~ 0 + o + (1 | g)", "y ~ o * b + (1 | g)", "y ~ a:o + (1 | g)",
  "y ~ 0 + b + o + (1 | g)", "y ~ l + (1 | g)", "y ~ l * x + (1 | g)", "y ~ 0 + l + (1 | g)",
  "y ~ s + (1 | g)", "y ~ s * b + (s | t)", 
  "y ~ factor(id) + (1 | g)", "y ~ factor(half) * b + (1 | g)", "y ~ ordered(id) + (1 | g)",
  "y ~ I(x^2) + x + (1 | g)", "y ~ x + x^2 + (1 | g)", "y ~ I(x * 2 + z / 3 - 1) + (1 | g)",
  "y ~ I( -x^2 ) + (1 | g)", "y ~ I((x + z)^2/2) + (1 | g)", "y ~ I(2^-x) + (1 | g)",
  "y ~ I(x > 1) + (1 | g)", "y ~ I(l + x) + (1 | g)", "y ~ I(x == z) * a + (1 | g)",
  "log(pos) ~ log(pos + 1) + (1 | g)", "y ~ log(pos, 2) + log2(pos) + log10(pos) + (1 | g)",
  "y ~ log(pos, base = 10) + exp(x) + sqrt(pos) + abs(y) + log1p(pos) + expm1(x) + (1 | g)",
  "sqrt(pos) ~ sin(x) + cos(x) + tan(x) + (1 | g)", "y + z ~ x + (1 | g)", "I(y/2) ~ x + (1 | g)",
  "y ~ poly(x, 2) + (1 | g)", "y ~ poly(x, 1) + (1 | g)", "y ~ poly(x, 3) * b + (1 | g)",
  "y ~ poly(x, degree = 2) + (1 | g)", "y ~ poly(z, 4) + (1 | g)", "y ~ poly(x) + (1 | g)",
  "y ~ poly(x, 2, raw = TRUE) + (1 | g)", "y ~ a:poly(x, 2) + (1 | g)",
  "y ~ x + (poly(x, 2) | t)", "y ~ scale(x) + (scale(x) | g)",
  "y ~ scale(x, scale = FALSE) + (1 | g)", "y ~ scale(z, center = FALSE) + (1 | g)",
  "y ~ scale(x, center = 2, scale = 0.5) + (1 | g)", "y ~ log(scale(pos, FALSE, 2)) + (1 | g)",
  "y ~ offset(x) + a + (1 | g)", "y ~ a + offset(log(pos)) + offset(z) + (1 | g)",
  "y ~ `my col` + (1 | g)", "y ~ `my col`:a + log(`my col` + 1) + (`my col` | g)",
  "y ~ x + (x || g)", "y ~ x + (0 + x || g)", "y ~ a + (a || t)", "y ~ x * a + (x * b || g)",
  "y ~ (1 | g) + (1 | h)", "y ~ (1 | h) + (1 | g)", "y ~ (1 | t) + (1 | h) + (1 | id)",
  "y ~ (1 | h) + (1 | id)", "y ~ (1 | id) + (1 | h) + (1 | g)", "y ~ (1 | h) + (x || g)",
  "y ~ (x || g) + (1 | h)", "y ~ (z | h) + (0 + x | g) + (1 | h)", "y ~ (1 | g) + (0 + x | g)",
  "y ~ (1 | t / h)", "y ~ (1 | t:h)", "y ~ (1 | h:t)", "y ~ (x || t / h)", "y ~ (1 | t / b / h)",
  "y ~ (1 | t:b:h)", "y ~ ((1 | g)) + x", "y ~ (x + (x | g))",
  "y ~ (1 | id)", "y ~ (1 | half)", "y ~ (1 | s) + (1 | l)", "y ~ (1 | half:id)", "y ~ (1 | l / s)",
  "y ~ x + (-1 + x | g)", "y ~ (a | t)", "y ~ (0 + a | t)",
  "y ~ (a * x | t)", "y ~ (a:b | t)", "y ~ (o | t)", "y ~ (l | g)", "y ~ (a - 1 | t) + (1 | t)",
  "y ~ x + I(2 * x) + (1 | g)", "y ~ x + z + I(x + z) + a + (1 | g)", "y ~ g + (1 | h)",
  "y ~ a + s + a:s + b:a + (1 | g)", "y ~ (1 + x) * a + (1 | g)", "y ~ I(0 * x) + x + (1 | g)",
  "y ~ b + t + b:t + a:b:t + (1 | g)", "y ~ a:b:t + (1 | g)", "y ~ a:b + a:t + (1 | g)",
  "y ~ a:b + b:t:a + (1 | g)", "y ~ 0 + x + a:b + (1 | g)", "y ~ x + z + x:z + x:z:a + (1 | g)"
)

contrasts <- list(
  list("y ~ a + (a | t)", list(a = "contr.sum")),
  list("y ~ a * b + (1 | g)", list(a = "contr.helmert", b = "contr.sum")),
  list("y ~ o * x + (1 | g)", list(o = "contr.treatment")),
  list("y ~ a + (1 | g)", list(a = "contr.poly")),
  list("y ~ 0 + a + b + (1 | g)", list(a = "contr.sum", b = "contr.sum")),
  list("y ~ a + (1 | g)", list(a = matrix(c(1, -1, 0, 0.5, 0.5, -1), 3))),
  list("y ~ a:x + a + (1 | g)",
       list(a = matrix(c(1, -1, 0, 0.5, 0.5, -1), 3, dimnames = list(NULL, c(".d", ".e"))))),
  list("y ~ o + (1 | g)", list(o = "contr.helmert")),
  list("y ~ l * s + (1 | g)", list(l = "contr.sum", s = "contr.sum"))
)
cases <- c(lapply(formulas, function(f) list(f, NULL)), contrasts)

exact <- function(v) paste(sprintf("%.17g", as.double(v)), collapse = " ")
control <- lmerControl(check.nobs.vs.nlev = "ignore", check.nobs.vs.nRE = "ignore",
                       check.nobs.vs.rankZ = "ignore", check.rankX = "silent.drop.cols",
                       check.scaleX = "ignore")

record <- function(case, data) {
  built <- lFormula(as.formula(case[[1]]), data, contrasts = case[[2]], control = control)
  full <- model.matrix(lme4:::nobars(as.formula(case[[1]])), built$fr, case[[2]])
  blocks <- lapply(built$reTrms$Ztlist, function(zt) {

    triplets <- summary(drop0(zt))
    list(effect = exact(triplets$i - 1), row = exact(triplets$j - 1), x = exact(triplets$x))
  })
  shift <- model.offset(built$fr)
  list(
    formula = unbox(case[[1]]),
    contrasts = lapply(case[[2]], function(v) {
      if (is.character(v)) return(list(name = unbox(v)))
      list(matrix = apply(v, 2, exact), names = colnames(v))
    }),
    kept = unbox(exact(match(rownames(built$fr), rownames(data)) - 1)),
    y = unbox(exact(model.response(built$fr))),
    offset = if (is.null(shift)) NULL else unbox(exact(shift)),
    all_names = I(as.character(colnames(full))),
    names = I(as.character(colnames(built$X))),
    X = I(as.character(apply(built$X, 2, exact))),
    cnms = unname(lapply(built$reTrms$cnms, I)),
    factor = I(names(built$reTrms$cnms)),
    flist = unname(lapply(names(built$reTrms$flist), function(name) {
      f <- built$reTrms$flist[[name]]
      list(name = unbox(name), levels = I(levels(f)), codes = unbox(exact(as.integer(f) - 1)))
    })),
    Zt = unname(lapply(blocks, function(b) lapply(b, unbox)))
  )
}

# The same with missing values: which rows stay, which levels, what poly() and scale() see.
holes <- data
holes$y[3] <- NA
holes$x[c(2, 9)] <- NaN
holes$a[holes$a == "r"] <- NA
holes$o[5] <- NA
holes$l[6] <- NA
holes$s[c(1, 20)] <- NA
holes$g[c(7, 21:24)] <- NA
holes$id[c(4, 8)] <- NA
holes_formulas <- c(
  "y ~ x + (1 | g)", "y ~ a + (1 | g)", "y ~ o + (1 | h)", "y ~ l * x + (1 | h)",
  "y ~ s + (s | h)", "y ~ scale(x) + (1 | g)", "y ~ z + (1 | id)", "y ~ poly(z, 2) + (1 | g)",
  "y ~ I(x > 1) + (1 | h)", "y ~ factor(id) + (1 | h)", "y ~ offset(x) + (z || g / h)",
  "log(y + 1) ~ z + (1 | h)", "y ~ (1 | a:g)", "y ~ poly(x, 2, raw = TRUE) + (1 | h)"
)
# Levels of numbers as text.
long <- data
long$id <- rep(c(100000, 0.1 + 0.2, 123456789, 1e15, 1e-5, 1234567.891, 1/3, 2^60), 3)
long$half <- rep(c(100000L, 2L, 300000L), 8)
long_formulas <- c("y ~ (1 | id)", "y ~ factor(half) + (1 | id)", "y ~ factor(id) + (1 | half)")

described <- function(data) lapply(data, function(v) {
  if (is.factor(v)) {
    list(kind = unbox(if (is.ordered(v)) "ordered" else "factor"),
         levels = levels(v), codes = unbox(exact(as.integer(v) - 1)))
  } else if (is.character(v)) {
    list(kind = unbox("text"), values = v)
  } else {
    list(kind = unbox(typeof(v)), values = unbox(exact(v)))
  }
})

out <- list(
  provenance = list(R = unbox(R.version.string), lme4 = unbox(as.character(packageVersion("lme4"))),
                    script = unbox("model_matrices.R"), collation = unbox("C")),
  data = described(data),
  cases = lapply(cases, record, data),
  holes = described(holes),
  holes_cases = lapply(holes_formulas, function(f) record(list(f, NULL), holes)),
  long = described(long),
  long_cases = lapply(long_formulas, function(f) record(list(f, NULL), long))
)
write(toJSON(out, null = "null", pretty = 1), "model_matrices.json")
