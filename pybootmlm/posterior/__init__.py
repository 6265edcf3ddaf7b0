"""Fixed and random effects drawn given the data: their joint uncertainty, theta taken as known."""
