# Runs the R code of deviations.toml as a user would: in the global environment, with nothing
# attached but what the code attaches itself.
#
# shown_all(list(id = list(needs = list(package = version), code = c(code, right)), ...)) prints a
# line of JSON for each: what R said, or the package (of that version or newer) that this R lacks.

shown_mark <- "\x02"

shown_all <- function(examples) {
  for (id in names(examples)) {
    example <- examples[[id]]
    lacks <- Find(nzchar, Map(shown_lack, names(example$needs), example$needs))
    outcome <- if (is.null(lacks)) {
      list(shown = shown_one(example$code))
    } else {
      list(lacks = json_text(lacks))
    }
    cat(shown_mark, json_object(c(list(id = json_text(id)), outcome)), "\n", sep = "")
  }
}

# What is missing of a package, in words; nothing if it is there.
shown_lack <- function(name, version) {
  if (!nzchar(system.file(package = name))) return(name)
  if (utils::packageVersion(name) >= version) return("")
  paste(name, version, "or newer")
}

shown_versions <- function(packages) {
  versions <- vapply(packages, installed_version, "")
  json_object(as.list(vapply(versions[!is.na(versions)], json_text, "")))
}

# The code, then in the same workspace that by which R finds the right value, if there is any.
shown_one <- function(code) {
  held <- ls(globalenv(), all.names = TRUE)
  attached <- search()
  settings <- options()
  on.exit({
    rm(list = setdiff(ls(globalenv(), all.names = TRUE), held), envir = globalenv())
    for (name in setdiff(search(), attached)) detach(name, character.only = TRUE)
    options(settings)
  })
  json_object(Filter(Negate(is.null), list(
    r = shown_value(code[1]),
    right = if (length(code) > 1) shown_value(code[2]))))
}

# The value of the last expression, exactly and as R prints it; or R's error.
shown_value <- function(code) {
  sink(nullfile())
  outcome <- tryCatch({
    value <- NULL
    for (part in parse(text = code, keep.source = FALSE)) {
      value <- suppressMessages(suppressWarnings(eval(part, globalenv())))
    }
    list(value = value)
  }, error = function(e) conditionMessage(e), finally = sink())
  if (is.character(outcome)) return(json_object(list(error = json_text(outcome))))
  json_object(list(value = shown_json(outcome$value),
                   printed = json_texts(utils::capture.output(print(outcome$value)))))
}

shown_json <- function(value) {
  value <- as.vector(value)
  if (is.character(value)) return(json_object(list(texts = json_texts(value))))
  if (is.logical(value) && !anyNA(value)) {
    truths <- paste0("[", paste(ifelse(value, "true", "false"), collapse = ","), "]")
    return(json_object(list(truths = truths)))
  }
  json_object(list(numbers = json_numbers(value)))
}
