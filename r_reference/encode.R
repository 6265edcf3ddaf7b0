# Exact text for what R answers.
#
# One format for every way an answer can travel (rpy2, a subprocess, a recorded
# file): JSON in which a number is printed by C's "%.17g", so that reading it back
# gives the same bits, and NA, NaN and the infinities are told apart as strings.

json_text <- function(x) {
  x <- enc2utf8(as.character(x))
  x <- gsub("\\", "\\\\", x, fixed = TRUE)
  x <- gsub("\"", "\\\"", x, fixed = TRUE)
  x <- gsub("\n", "\\n", x, fixed = TRUE)
  x <- gsub("\r", "\\r", x, fixed = TRUE)
  x <- gsub("\t", "\\t", x, fixed = TRUE)
  x <- gsub("[[:cntrl:]]", "?", x)
  paste0("\"", x, "\"")
}

json_texts <- function(x) {
  if (is.null(x)) return("null")
  if (length(x) == 0) return("[]")
  paste0("[", paste(json_text(x), collapse = ","), "]")
}

json_numbers <- function(x) {
  if (length(x) == 0) return("[]")
  x <- as.double(x)
  text <- sprintf("%.17g", x)
  text[is.infinite(x) & x > 0] <- "\"Inf\""
  text[is.infinite(x) & x < 0] <- "\"-Inf\""
  text[is.nan(x)] <- "\"NaN\""
  text[is.na(x) & !is.nan(x)] <- "\"NA\""
  paste0("[", paste(text, collapse = ","), "]")
}

# A vector has one dimension and its names; a matrix two and its dimnames.
# Numbers run down the columns, as R stores them.
json_array <- function(x) {
  if (methods::is(x, "Matrix")) x <- as.matrix(x)
  if (is.matrix(x)) {
    dims <- dim(x)
    labels <- list(rownames(x), colnames(x))
  } else {
    dims <- length(x)
    labels <- list(names(x))
  }
  if (!is.numeric(x) && !is.logical(x)) {
    stop("only numbers can be answered; got an object of class ",
         paste(class(x), collapse = "/"))
  }
  paste0("{\"dim\":", json_numbers(dims),
         ",\"names\":[", paste(vapply(labels, json_texts, ""), collapse = ","), "]",
         ",\"data\":", json_numbers(x), "}")
}

json_object <- function(fields) {
  if (length(fields) == 0) return("{}")
  paste0("{", paste0(json_text(names(fields)), ":", unlist(fields), collapse = ","), "}")
}
