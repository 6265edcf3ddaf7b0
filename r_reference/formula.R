# A formula is the only text of a case that R evaluates, so R looks itself, at what R made
# of it: calls of these functions, names of columns, numbers, TRUE and FALSE. Nothing is
# evaluated before that.

formula_functions <- c(
  "~", "+", "-", "*", "/", ":", "^", "%in%", "|", "||", "(",
  "<", ">", "<=", ">=", "==", "!=",
  "I", "log", "log2", "log10", "log1p", "exp", "expm1", "sqrt", "abs", "sin", "cos", "tan",
  "poly", "scale", "factor", "as.factor", "ordered", "offset")

formula_read <- function(text, columns, home) {
  call <- str2lang(text)
  formula_check(call, columns)
  if (!is.call(call) || !identical(call[[1]], as.name("~"))) {
    stop("not a formula: ", text)
  }
  stats::as.formula(call, env = home)
}

formula_check <- function(part, columns) {
  if (is.call(part)) {
    head <- part[[1]]
    if (!is.name(head) || !as.character(head) %in% formula_functions) {
      stop("a formula may not call ", paste(deparse(head), collapse = " "))
    }
    for (argument in as.list(part)[-1]) formula_check(argument, columns)
  } else if (is.name(part)) {
    if (!as.character(part) %in% columns) {
      stop("the data have no column '", as.character(part), "'")
    }
  } else if (!is.numeric(part) && !is.logical(part)) {
    stop("a formula may not hold ", paste(deparse(part), collapse = " "))
  }
  invisible()
}

# Weights and offset are columns by name, never expressions.
column_name <- function(name, data) {
  formula_check(as.name(name), names(data))
  as.name(name)
}
