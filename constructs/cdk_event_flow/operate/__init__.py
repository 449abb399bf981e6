"""A flow where it runs, on AWS or here: its dead letters, archives, logs and figures, by the ordinary AWS SDK."""
