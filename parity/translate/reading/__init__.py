"""Reading R: text to tokens to a syntax tree, by R's own parser or by ours; nothing is run."""
