# The constructs of analysis scripts; read by R's parser and by ours, which must agree.
x <- -2^2; y = 3 -> z
a <<- b; 5 ->> d
f <- function(a, b = 2, ...) { if (a) b else c }
g <- \(x, n = 1L) x^n + 1i
if (x > 1) {
  y <- 1
} else if (!is.na(z) && z == 2 || FALSE) {
  y <- 2
} else y <- 3
for (i in 1:10) { if (i %% 2 == 0) next; s <- s + i }
while (TRUE) break
repeat { n <- n + 1; if (n >= 0x1F) break }
d <- read.csv('data/my "file".csv', na.strings = c("", "NA"), stringsAsFactors = TRUE)
d$`odd name` <- d[["x"]][d$y != -1, , drop = FALSE]
levels(d$g)[2] <- "two\tlines\n\u00e9"; byte <- "\x41\101"
path <- r"(C:\raw\text)"; other <- R"--[with ]- in it]--"
fit <- lmer(y ~ x + I(x^2) + (1 + x || g/h) + (1 | a:b), data = d, REML = FALSE,
            control = lmerControl(optimizer = "bobyqa",
                                  optCtrl = list(maxfun = 2e5)))
update(fit, . ~ . - x)
~ x | y
1 / (1 + fit@theta^(-2))
as.data.frame(VarCorr(fit))[, "sdcor"]
boot::boot.ci(boo, type = c("norm", "perc"), h = qlogis, hdot = function(x) 1 / (x - x^2))
lme4:::mkLmerDevfun
d %>% filter(x %in% sample(unique(x), 30)) %>% group_by(g) %>%
  mutate(m = mean(x), z = (x - m) / sd(x)) %>% ungroup()
d |> subset(x > 0) |> head(n = 3)
m[1, ]; m[, -1]; m[]; l[[1]][["b"]]$c$d(1)(2)
-a:b; -a^b; !a == b; a %in% b + 1; 2^-1:3; a %/% b * c; -x %*% y
(function(x) x)(1)
"quoted name" <- 1; `back tick` <- 'it\'s'
x[x > 0 & !is.na(x)] <- NA_real_; names(x)[1:2] <- letters[1:2]
c(1e-3, 1.5E+10, .5, 5., 1e5L, 100L, Inf, NaN, NA, NULL, TRUE, T)
switch(type, a = , b = 1, 2)
h(, 1)
{
  x <- 1 # a comment behind
  # a comment alone
  if (x)
    y
  else
    z
}
{ p <- v[[i]];q <- length(p);
  r }
function(x, ...) UseMethod("f")
a = b = 3
if (a) b = 2 else d = 4
x <- y <- z
tryCatch(stop("a"), error = function(e) NULL, finally = { })
??lmer
?lmer
