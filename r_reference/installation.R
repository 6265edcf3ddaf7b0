# What is installed on R's side, file by file, for the qualification of an installation.

# Version, built and md5 of every file of the packages that answers rest on, and of all that
# they load.
reference_installation <- function() {
  for (package in reference_packages) {
    if (nzchar(system.file(package = package))) suppressMessages(loadNamespace(package))
  }
  packages <- sort(loadedNamespaces())
  folders <- vapply(packages, function(p) system.file(package = p), "")
  packages <- packages[nzchar(folders)]
  fields <- lapply(packages, function(package) installed_package(package))
  json_object(stats::setNames(fields, packages))
}

installed_package <- function(package) {
  folder <- system.file(package = package)
  files <- sort(list.files(folder, recursive = TRUE, all.files = TRUE), method = "radix")
  sums <- unname(tools::md5sum(file.path(folder, files)))
  built <- utils::packageDescription(package)$Built
  json_object(list(
    version = json_text(as.character(utils::packageVersion(package))),
    built = json_text(if (is.null(built)) "" else built),
    files = json_texts(files),
    md5 = json_texts(ifelse(is.na(sums), "", sums))))
}
