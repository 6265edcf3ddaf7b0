# Exact text for what R answers.
#
# One format for every way an answer can travel (rpy2, a subprocess, a recorded
# file): JSON in which a number is printed by C's "%.17g", so that reading it back
# gives the same bits, and NA, NaN and the infinities are told apart as strings.

# ASCII only, so that no locale and no connection can change it on its way.
json_text <- function(x) {
  x <- as.character(x)
  odd <- grepl("[^ -~]", x, perl = TRUE, useBytes = TRUE)
  x[odd] <- vapply(x[odd], ascii_text, "")
  x[!odd] <- gsub("\"", "\\\"", gsub("\\", "\\\\", x[!odd], fixed = TRUE), fixed = TRUE)
  paste0("\"", x, "\"")
}

# Bytes that are no UTF-8 (a message of C code in another encoding) are shown as <e4>.
ascii_text <- function(x) {
  if (Encoding(x) == "latin1") x <- enc2utf8(x)
  codes <- utf8ToInt(iconv(x, "UTF-8", "UTF-8", sub = "byte"))
  plain <- codes >= 0x20 & codes <= 0x7e & codes != 0x22 & codes != 0x5c
  text <- ifelse(plain, intToUtf8(codes, TRUE), sprintf("\\u%04x", codes))
  high <- codes > 0xffff
  above <- codes[high] - 0x10000
  text[high] <- sprintf("\\u%04x\\u%04x", 0xd800 + above %/% 0x400, 0xdc00 + above %% 0x400)
  paste(text, collapse = "")
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
