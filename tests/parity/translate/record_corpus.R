# Writes corpus.json: every statement of corpus.R as one line of text, from R's own parser.
# Rscript record_corpus.R ../../../r_reference
folder <- commandArgs(TRUE)[1]
for (name in c("encode", "read_script")) source(file.path(folder, paste0(name, ".R")))
text <- paste(readLines("corpus.R", encoding = "UTF-8"), collapse = "\n")
writeLines(script_shapes(text), "corpus.json")
