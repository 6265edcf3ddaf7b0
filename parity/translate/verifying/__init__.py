"""Run both scripts, R's and ours, and compare what every statement has set or shown."""
