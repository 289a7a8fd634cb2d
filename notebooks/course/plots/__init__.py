"""Arrays in, figure out; knows nothing of the rest."""
