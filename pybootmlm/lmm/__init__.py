"""The linear mixed model: criterion, optimum, estimates."""
