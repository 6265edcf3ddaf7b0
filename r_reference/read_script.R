# Reads R scripts by R's own parser, and runs nothing of them.
#
# read_script(text) gives the parse data as JSON: one column each, a row a token or an expression;
# or the parser's message. script_shapes(text) gives every statement as one line of text, from R's
# own language objects: what a reader of the parse data must arrive at.

read_script <- function(text) {
  parsed <- tryCatch(parse(text = text, keep.source = TRUE, encoding = "UTF-8"), error = identity)
  if (inherits(parsed, "error")) {
    return(json_object(list(error = json_text(conditionMessage(parsed)))))
  }
  data <- utils::getParseData(parsed, includeText = FALSE)
  if (is.null(data)) data <- data.frame()
  kept <- data[data$parent >= 0 | data$token == "COMMENT", ]
  json_object(list(
    id = json_numbers(kept$id), parent = json_numbers(kept$parent),
    token = json_texts(as.character(kept$token)),
    line = json_numbers(kept$line1), column = json_numbers(kept$col1),
    end_line = json_numbers(kept$line2), end_column = json_numbers(kept$col2)))
}

script_shapes <- function(text) {
  parsed <- parse(text = text, keep.source = FALSE, encoding = "UTF-8")
  json_object(list(shapes = json_texts(vapply(as.list(parsed), shape_of, ""))))
}

shape_of <- function(x) {
  if (missing(x) || identical(x, quote(expr = ))) return("<>")
  if (is.symbol(x)) return(as.character(x))
  if (is.call(x) && identical(x[[1]], as.symbol("function"))) {
    formals <- as.list(x[[2]])
    listed <- vapply(seq_along(formals), function(i) {
      paste0(names(formals)[i], "=", shape_of(formals[[i]]))
    }, "")
    return(paste0("(function [", paste(listed, collapse = " "), "] ", shape_of(x[[3]]), ")"))
  }
  if (is.call(x)) {
    parts <- as.list(x)
    names <- names(parts)
    texts <- vapply(seq_along(parts), function(i) {
      name <- if (is.null(names) || i == 1 || !nzchar(names[i])) "" else paste0(names[i], "=")
      paste0(name, shape_of(parts[[i]]))
    }, "")
    return(paste0("(", paste(texts, collapse = " "), ")"))
  }
  shape_of_constant(x)
}

shape_of_constant <- function(x) {
  if (is.null(x)) return("NULL")
  if (is.character(x) && !is.na(x)) return(paste0("'", paste(utf8ToInt(x), collapse = ","), "'"))
  if (is.numeric(x) && (!is.na(x) || is.nan(x))) {
    text <- sub("e([+-])0(?=[0-9]{2})", "e\\1", sprintf("%.15g", x), perl = TRUE)
    return(paste0(if (is.integer(x)) "integer:" else "double:", text))
  }
  if (is.complex(x)) return(paste0("complex:", sprintf("%.15g", Im(x))))
  if (is.na(x)) return("NA")
  as.character(x)
}
